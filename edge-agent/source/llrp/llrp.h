// Readings from a fixed RFID reader that speaks LLRP: each tag that comes into the field of an antenna is a text in
// its channel. The reader's ROSpec runs on when the connection or the agent goes, and a reader that can keeps its
// reports until we are back. While nobody is connected, while an antenna is off, and where the reader lost reports,
// the channels have declared gaps (sensor-lost).
#pragma once

#include <set>

#include "edge-agent/source/child.h"
#include "edge-agent/source/llrp/connection.h"
#include "edge-agent/source/llrp/reader_clock.h"
#include "edge-agent/source/llrp/session.h"
#include "edge-agent/source/llrp/tags.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct LlrpOptions {
  std::string name;
  std::string host;           // address or name of the reader
  std::uint16_t port = 5084;  // without TLS
  llrp::SessionOptions session;
  llrp::TagOptions tags;
  Millis clock_bound{2000};  // a reader's UTC that is off by more is not used
};

class LlrpSource final : public Source {
 public:
  // `clock` outlives the source.
  LlrpSource(LlrpOptions options, const Clock& clock);

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

 private:
  // Until it ends: an error says why, a value that the agent stops.
  Status serve(Sink& sink);
  Status serve(Sink& sink, llrp::Connection& connection, llrp::Session& session);
  void take_leave(Sink& sink, llrp::Connection& connection, llrp::Session& session);
  // False if the agent stops.
  bool take(Sink& sink, const llrp::News& news);
  bool take_ready(Sink& sink, const llrp::Ready& ready);
  bool take_tags(Sink& sink, const llrp::Seen& seen);
  bool take_antenna(Sink& sink, const llrp::AntennaChange& change);
  bool pause(Sink& sink, Millis time);
  bool declare(Sink& sink, const std::vector<std::string>& channels, Time t,
               GapReason reason = GapReason::kSensorLost);
  bool declare_gone(Sink& sink);
  // False once what the reader brought about filled its share of the log: so many lines a minute.
  bool may_log();
  llrp::Moment now() const;

  const LlrpOptions options_;
  const Clock& clock_;
  StopEvent stop_;
  llrp::Tags tags_;
  llrp::ReaderClock reader_clock_;
  std::optional<llrp::TimeFrom> told_from_;       // in the log
  std::chrono::steady_clock::time_point minute_;  // of the log
  int lines_ = 0;                                 // in it
  Time heard_;                                    // when the reader said something last
  bool lost_ = false;                             // a gap is open on all channels
  bool was_ready_ = false;                        // in this connection
  std::set<std::uint16_t> used_;  // antennas that worked, or were asked for by number
  std::set<std::uint16_t> gone_;  // of those, the ones that are off now
};

std::vector<std::string> channels_of(const LlrpOptions& options);
std::unique_ptr<Source> make_source(const LlrpOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
