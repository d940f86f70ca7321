// One connection to a reader, without I/O: bytes and times in, bytes and news out. It waits for the reader's word that
// the connection stands (section 13.1.5), asks what the reader can do, asks for keepalives, and sees to it that the
// reader runs our ROSpec: one that runs already is left running, so that what it saw while nobody was connected is
// not lost; else ours takes the place of what is there. From then on it passes on what the reader sees.
#pragma once

#include <chrono>
#include <variant>

#include "edge-agent/source/llrp/answers.h"
#include "edge-agent/source/llrp/requests.h"

namespace lotmark::agent::llrp {

using Mono = std::chrono::steady_clock::time_point;

struct SessionOptions {
  RospecOptions rospec;
  std::chrono::milliseconds keepalive{10000};
};

// The reader took the connection; its clock at that moment.
struct Accepted {
  std::optional<Stamp> time;
};
// Tags come from now on. `resumed`: the ROSpec ran all the while.
struct Ready {
  Capabilities reader;
  bool resumed = false;
};
struct Seen {
  TagReports reports;
};
// Reports that the reader could not keep: there is a gap.
struct Overflow {};
// Something an operator wants to know: an exception, a buffer that fills, a refusal.
struct Remark {
  std::string text;
};
using News = std::variant<Accepted, Ready, Seen, Overflow, AntennaChange, Remark>;

class Session {
 public:
  // At the moment the TCP connection stands.
  Session(SessionOptions options, Mono now);

  // An error, of this and of tick(): the connection is of no more use. unavailable: the reader was silent, closed
  // it, or serves somebody else; field-range: it does not speak LLRP; usage: it refuses what we ask.
  Status feed(ByteView bytes, Mono now);
  // At `deadline`, or earlier.
  Status tick(Mono now);
  Mono deadline() const;

  // Asks the reader to end the connection; the ROSpec goes on. Over once closed().
  void close(Mono now);
  bool closed() const { return step_ == Step::kClosed; }
  bool ready() const { return step_ == Step::kReady; }

  Bytes take_output() { return std::exchange(output_, {}); }
  std::vector<News> take_news() { return std::exchange(news_, {}); }

 private:
  enum class Step {
    kConnection,
    kCapabilities,
    kConfiguration,
    kRospecs,
    kDelete,
    kAdd,
    kEnable,
    kStart,
    kReady,
    kClosing,
    kClosed
  };

  void send(MessageType type, Bytes body);
  void ask(Step step, MessageType type, Bytes body, Mono now);
  Status take(const Message& m, Mono now);
  Status take_event(const Message& m, Mono now);
  Status take_report(const Message& m);
  Status take_error(const Message& m);
  Status take_answer(const Message& m, Mono now);
  Status take_rospecs(const Message& m, Mono now);
  void fill_in(TagReport& tag);
  void set_ready();

  const SessionOptions options_;
  const std::uint32_t rospec_;
  MessageCutter cutter_;
  Step step_ = Step::kConnection;
  Mono heard_;            // when bytes came last
  Mono asked_;            // when what `step_` waits for was asked
  std::uint32_t id_ = 0;  // of the last message we sent
  Capabilities reader_;
  bool resumed_ = false;
  TagReport before_;  // 13.2.3: what is left out is as it was
  Bytes output_;
  std::vector<News> news_;
};

}  // namespace lotmark::agent::llrp
