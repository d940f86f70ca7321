#include "edge-agent/source/replay.h"

#include <algorithm>
#include <fstream>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr double kWaitMaxUs = 1e15;
}

void ReplaySource::stop() {
  std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_all();
}

bool ReplaySource::pace(std::int64_t t) {
  std::unique_lock lock(mutex_);
  if (options_.speed <= 0 || from_ms(t) > clock_.now() + kAhead) return !stop_;
  if (!first_t_) {
    first_t_ = t;
    begin_ = std::chrono::steady_clock::now();
  }
  const double ms = static_cast<double>(t - *first_t_) / options_.speed;
  const double us = std::clamp(ms * 1000, -kWaitMaxUs, kWaitMaxUs);
  const auto due = begin_ + std::chrono::microseconds(static_cast<std::int64_t>(us));
  return !wake_.wait_until(lock, due, [this] { return stop_.load(); });
}

Result<std::vector<Reading>> ReplaySource::parse(const CsvReader* csv, const TextLine& line) const {
  if (line.too_long) return fail(Errc::kFieldRange, "a line above 64 KiB");
  if (csv != nullptr) return csv->read(line.text);
  return read_senml(line.text, std::get<SenmlOptions>(options_.format), std::nullopt);
}

std::vector<Reading> ReplaySource::read_line(const CsvReader* csv, const TextLine& line) {
  auto read = parse(csv, line);
  const bool understood = bool(read);
  if (!understood) {
    if (++counts_.bad == 1) {  // one line in the log; the count says how many
      log::warn(
          "source.bad_record",
          {{"source", options_.name}, {"offset", line.offset}, {"error", read.error().message()}});
    }
    read = seen_.lost(GapReason::kNotANumber, 0);
  } else {
    ++counts_.records;
  }
  std::vector<Reading> out;
  for (std::size_t i = 0; i < read->size(); ++i) {
    Reading& r = (*read)[i];
    r.at = {line.offset, i};
    if (r.at < start_ || r.t < options_.from || r.t >= options_.to) continue;
    out.push_back(std::move(r));
  }
  if (understood) seen_.note(out);
  return out;
}

std::optional<TextLine> ReplaySource::next_line(std::istream& in, LineCutter& lines) const {
  char buffer[16 * 1024];
  while (!stop_) {
    if (auto line = lines.next()) return line;
    in.read(buffer, sizeof buffer);
    if (in.gcount() == 0) return lines.last();
    lines.feed({buffer, static_cast<std::size_t>(in.gcount())});
  }
  return std::nullopt;
}

Result<std::optional<Position>> ReplaySource::run(Sink& sink) {
  std::ifstream in(options_.file, std::ios::binary);
  if (!in) return fail(Errc::kIo, "cannot open " + options_.file.string());
  LineCutter lines;
  std::optional<CsvReader> csv;
  if (const auto* options = std::get_if<CsvOptions>(&options_.format)) {
    const auto header = next_line(in, lines);
    if (!header) return fail(Errc::kConfig, options_.file.string() + " is empty");
    if (header->too_long) return fail(Errc::kConfig, "the header is longer than 64 KiB");
    LM_ASSIGN(csv, CsvReader::from(header->text, *options));
  }
  if (start_.offset > lines.offset()) {
    in.clear();
    in.seekg(static_cast<std::streamoff>(start_.offset));
    lines = LineCutter(start_.offset);
  }
  while (const auto line = next_line(in, lines)) {
    if (!line->too_long && (line->text.empty() || line->text == "\r")) continue;
    auto readings = read_line(csv ? &*csv : nullptr, *line);
    if (readings.empty()) continue;
    if (!pace(readings.front().t) || !sink.put(std::move(readings))) {
      return std::optional<Position>();
    }
  }
  if (in.bad()) return fail(Errc::kIo, "cannot read " + options_.file.string());
  if (stop_) return std::optional<Position>();
  return std::optional<Position>({lines.offset(), 0});
}

std::vector<std::string> channels_of(const ReplayOptions& options) {
  return std::visit([](const auto& format) { return channels_of(format.columns); }, options.format);
}

std::unique_ptr<Source> make_source(const ReplayOptions& options, const SourcePlace& place) {
  return std::make_unique<ReplaySource>(options, place.start, place.clock);
}

}  // namespace lotmark::agent
