#include "edge-agent/source/exec.h"

#include <algorithm>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr int kPauseMinMs = 200;
constexpr int kPauseMaxMs = 30000;
}  // namespace

Result<std::optional<Position>> ExecSource::run(Sink& sink) {
  int pause = kPauseMinMs;
  for (;;) {
    const auto begin = clock_.now();
    if (!run_once(sink)) return std::optional<Position>();
    if (options_.restart == Restart::kNever) return std::optional<Position>(Position{});
    log::warn("source.ended", {{"source", options_.name}, {"pause_ms", pause}});
    if (!declare_lost(sink, GapReason::kSensorLost) || !stop_.pause_ms(pause))
      return std::optional<Position>();
    const bool lasted = clock_.now() - begin > Millis(kPauseMaxMs);
    pause = lasted ? kPauseMinMs : std::min(2 * pause, kPauseMaxMs);
  }
}

bool ExecSource::run_once(Sink& sink) {
  auto line = Line::spawn(options_.command);
  if (!line) {
    log::warn("source.spawn_failed",
              {{"source", options_.name}, {"error", line.error().message()}});
    return true;
  }
  LineCutter lines;
  std::uint8_t buffer[4096];
  for (;;) {
    auto got = line->read(buffer, sizeof buffer, stop_);
    if (!got) return got.code() != Errc::kUnavailable;
    if (*got == 0) break;
    lines.feed(as_text({buffer, *got}));
    while (auto text = lines.next()) {
      if (!take_line(sink, *text)) return false;
    }
  }
  const auto rest = lines.last();
  return !rest || take_line(sink, *rest);
}

bool ExecSource::take_line(Sink& sink, const TextLine& line) {
  if (line.too_long) return take_bad(sink, fail(Errc::kFieldRange, "a line above 64 KiB"));
  if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) return true;
  auto readings = read_senml(line.text, options_.senml, clock_.now());
  if (!readings) return take_bad(sink, readings.error());
  ++counts_.records;
  seen_.note(*readings);
  return readings->empty() || sink.put(std::move(*readings));
}

bool ExecSource::take_bad(Sink& sink, const Error& error) {
  if (++counts_.bad == 1) {  // one line in the log; the count says how many
    log::warn("source.bad_record", {{"source", options_.name}, {"error", error.message()}});
  }
  return declare_lost(sink, GapReason::kNotANumber);
}

bool ExecSource::declare_lost(Sink& sink, GapReason reason) {
  auto gaps = seen_.lost(reason, to_ms(clock_.now()));
  return gaps.empty() || sink.put(std::move(gaps));
}

std::vector<std::string> channels_of(const ExecOptions& options) {
  return channels_of(options.senml.columns);
}

std::unique_ptr<Source> make_source(const ExecOptions& options, const SourcePlace& place) {
  return std::make_unique<ExecSource>(options, place.clock);
}

}  // namespace lotmark::agent
