// Plays a recorded file: CSV with a header line, or SenML lines. Times are the file's own.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <variant>

#include "edge-agent/source/csv.h"
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
  // Goes on at `start`, which run() gave with a reading before.
  ReplaySource(ReplayOptions options, Position start)
      : options_(std::move(options)), start_(start) {}

  bool recorded() const override { return true; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override;
  const SourceCounts& counts() const { return counts_; }

 private:
  // Readings of one line within the span, without those that were taken before.
  std::vector<Reading> read_line(const CsvReader* csv, std::string_view line, Position at);
  // Waits until `t` is due. False if stopped.
  bool pace(std::int64_t t);

  const ReplayOptions options_;
  const Position start_;
  SourceCounts counts_;
  std::optional<std::int64_t> first_t_;
  std::chrono::steady_clock::time_point begin_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
};

}  // namespace lotmark::agent
