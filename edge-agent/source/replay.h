// Plays a recorded file: CSV with a header line, or SenML lines. Times are the file's own.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <variant>

#include "edge-agent/source/csv.h"
#include "edge-agent/source/lines.h"
#include "edge-agent/source/seen.h"
#include "edge-agent/source/senml.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct ReplayOptions {
  std::string name;
  std::filesystem::path file;
  std::variant<CsvOptions, SenmlOptions> format;
  std::int64_t from = 0;                                       // ms UTC, included
  std::int64_t to = std::numeric_limits<std::int64_t>::max();  // not included
  double speed = 0;  // recorded seconds a second; 0: as fast as can be taken
};

class ReplaySource final : public Source {
 public:
  // Goes on at `start`, which run() gave with a reading before. `clock` outlives the source.
  ReplaySource(ReplayOptions options, Position start, const Clock& clock)
      : options_(std::move(options)), start_(start), clock_(clock) {}

  bool recorded() const override { return true; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override;

 private:
  // Readings of one line within the span, without those that were taken before. Of a line that is none:
  // gaps at the last reading of each channel.
  std::vector<Reading> read_line(const CsvReader* csv, const TextLine& line);
  Result<std::vector<Reading>> parse(const CsvReader* csv, const TextLine& line) const;
  // Nothing at the end of the file, or if stopped.
  std::optional<TextLine> next_line(std::istream& in, LineCutter& lines) const;
  // Waits until `t` is due; not for a time that is still to come. False if stopped.
  bool pace(std::int64_t t);

  const ReplayOptions options_;
  const Position start_;
  const Clock& clock_;
  Seen seen_;
  std::optional<std::int64_t> first_t_;
  std::chrono::steady_clock::time_point begin_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stop_ = false;  // set under the mutex
};

std::vector<std::string> channels_of(const ReplayOptions& options);
std::unique_ptr<Source> make_source(const ReplayOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
