// Readings from a child program that writes SenML lines. It is started again when it ends, after growing
// pauses, unless it is to run once.
#pragma once

#include "edge-agent/source/child.h"
#include "edge-agent/source/lines.h"
#include "edge-agent/source/seen.h"
#include "edge-agent/source/senml.h"
#include "edge-agent/source/source.h"

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
      : options_(std::move(options)), clock_(clock) {}

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

 private:
  // False if stopped.
  bool run_once(Sink& sink);
  bool take_line(Sink& sink, const TextLine& line);
  bool take_bad(Sink& sink, const Error& error);
  // A declared gap on each channel that the program fed: it ended, or said what is no record.
  bool declare_lost(Sink& sink, GapReason reason);

  const ExecOptions options_;
  const Clock& clock_;
  StopEvent stop_;
  Seen seen_;
};

std::vector<std::string> channels_of(const ExecOptions& options);
std::unique_ptr<Source> make_source(const ExecOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
