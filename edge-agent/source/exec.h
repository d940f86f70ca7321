// Readings from a child program that writes SenML lines. It is started again when it ends, after growing
// pauses, unless it is to run once.
#pragma once

#include <map>

#include "edge-agent/source/child.h"
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
  bool take_line(Sink& sink, std::string_view line);
  // A program that ended leaves a declared gap on each channel that it fed.
  bool declare_lost(Sink& sink);

  const ExecOptions options_;
  const Clock& clock_;
  StopEvent stop_;
  SourceCounts counts_;
  std::map<std::string, Reading> seen_;  // the last of each channel
};

}  // namespace lotmark::agent
