// Readings from a child program that writes SenML lines. It is started again when it ends, after growing
// pauses, unless it is to run once.
#pragma once

#include <chrono>
#include <optional>

#include "edge-agent/source/child.h"
#include "edge-agent/source/lines.h"
#include "edge-agent/source/seen.h"
#include "edge-agent/source/senml.h"
#include "edge-agent/source/source.h"
#include "edge-agent/source/stall.h"

namespace lotmark::agent {

enum class Restart { kAlways, kNever };

struct ExecOptions {
  std::string name;
  std::vector<std::string> command;
  Restart restart = Restart::kAlways;
  SenmlOptions senml;
};

class ExecSource final : public Source {
 public:
  // `clock` outlives the source.
  ExecSource(ExecOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock), stall_(options_.name, clock) {}

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

 private:
  // False if stopped.
  bool run_once(Sink& sink);
  bool take_line(Sink& sink, const TextLine& line);
  // Looks whether all that waited while the agent took nothing was read.
  bool catch_up(Sink& sink, const Line& line);
  // It was: declares what was lost of it.
  bool caught_up(Sink& sink);
  bool hand_on(Sink& sink, std::vector<Reading> readings);
  bool take_bad(Sink& sink, const Error& error);
  // A declared gap on each channel that the program fed: it ended, or said what is no record.
  bool declare_lost(Sink& sink, GapReason reason);
  bool declare_lost(Sink& sink, GapReason reason, Time at);

  // The agent took nothing for long, and what it now reads may have waited since: a line without its own time is lost.
  struct Late {
    Time since;
    std::chrono::steady_clock::time_point until;  // what comes later is new
    bool lost = false;                            // a line was
  };

  const ExecOptions options_;
  const Clock& clock_;
  StopEvent stop_;
  Seen seen_;
  Stall stall_;
  std::optional<Late> late_;
};

std::vector<std::string> channels_of(const ExecOptions& options);
std::unique_ptr<Source> make_source(const ExecOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
