#include "edge-agent/source/replay.h"

#include <fstream>

#include "core/base/log.h"

namespace lotmark::agent {

void ReplaySource::stop() {
  std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_all();
}

bool ReplaySource::pace(std::int64_t t) {
  std::unique_lock lock(mutex_);
  if (options_.speed <= 0) return !stop_;
  if (!first_t_) {
    first_t_ = t;
    begin_ = std::chrono::steady_clock::now();
  }
  const double ms = static_cast<double>(t - *first_t_) / options_.speed;
  const auto due = begin_ + std::chrono::microseconds(static_cast<std::int64_t>(ms * 1000));
  return !wake_.wait_until(lock, due, [this] { return stop_; });
}

std::vector<Reading> ReplaySource::read_line(const CsvReader* csv, std::string_view line,
                                             Position at) {
  const auto* senml = std::get_if<SenmlOptions>(&options_.format);
  auto read = senml != nullptr ? read_senml(line, *senml, std::nullopt) : csv->read(line);
  if (!read) {
    if (++counts_.bad == 1) {  // one line in the log; the count says how many
      log::warn(
          "source.bad_record",
          {{"source", options_.name}, {"offset", at.offset}, {"error", read.error().message()}});
    }
    return {};
  }
  ++counts_.records;
  std::vector<Reading> out;
  for (std::size_t i = 0; i < read->size(); ++i) {
    Reading& r = (*read)[i];
    r.at = {at.offset, i};
    if (r.at < start_ || r.t < options_.from || r.t >= options_.to) continue;
    out.push_back(std::move(r));
  }
  return out;
}

Result<std::optional<Position>> ReplaySource::run(Sink& sink) {
  std::ifstream in(options_.file, std::ios::binary);
  if (!in) return fail(Errc::kIo, "cannot open " + options_.file.string());
  std::string line;
  std::uint64_t offset = 0;
  std::optional<CsvReader> csv;
  if (const auto* options = std::get_if<CsvOptions>(&options_.format)) {
    if (!std::getline(in, line)) return fail(Errc::kConfig, options_.file.string() + " is empty");
    LM_ASSIGN(csv, CsvReader::from(line, *options));
    offset = line.size() + 1;
  }
  if (start_.offset > offset) {
    offset = start_.offset;
    in.seekg(static_cast<std::streamoff>(offset));
  }
  while (std::getline(in, line)) {
    const Position at{offset, 0};
    offset += line.size() + (in.eof() ? 0 : 1);
    if (line.empty() || line == "\r") continue;
    auto readings = read_line(csv ? &*csv : nullptr, line, at);
    if (readings.empty()) continue;
    if (!pace(readings.front().t) || !sink.put(std::move(readings))) {
      return std::optional<Position>();
    }
  }
  if (in.bad()) return fail(Errc::kIo, "cannot read " + options_.file.string());
  return std::optional<Position>({offset, 0});
}

}  // namespace lotmark::agent
