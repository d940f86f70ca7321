#include "edge-agent/source/exec.h"

#include <algorithm>
#include <chrono>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr int kPauseMinMs = 200;
constexpr int kPauseMaxMs = 30000;
constexpr Millis kPipeQuiet{20};  // without a byte: the program wrote all that it had to
constexpr Millis kPipeOld{500};   // and not longer than that: it writes on
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
    if (!catch_up(sink, *line)) return false;
    auto got = line->read(buffer, sizeof buffer, stop_);
    if (!got) return got.code() != Errc::kUnavailable;
    if (*got == 0) break;
    lines.feed(as_text({buffer, *got}));
    while (auto text = lines.next()) {
      if (!take_line(sink, *text)) return false;
    }
  }
  const auto rest = lines.last();
  return (!rest || take_line(sink, *rest)) && caught_up(sink);
}

bool ExecSource::catch_up(Sink& sink, const Line& line) {
  while (late_) {
    if (std::chrono::steady_clock::now() < late_->until && line.has_more(kPipeQuiet)) return true;
    if (!caught_up(sink)) return false;
  }
  return true;
}

// Lines with times of their own come before it: times of a channel never fall.
bool ExecSource::caught_up(Sink& sink) {
  if (!late_) return true;
  const Late late = *late_;
  late_.reset();
  return !late.lost || (declare_lost(sink, GapReason::kOutboxFull, late.since) &&
                        declare_lost(sink, GapReason::kOutboxFull));
}

bool ExecSource::hand_on(Sink& sink, std::vector<Reading> readings) {
  if (!stall_.put(sink, std::move(readings))) return false;
  if (const auto since = stall_.take()) {
    if (!late_) late_ = Late{*since, {}, false};
    late_->until = std::chrono::steady_clock::now() + kPipeOld;
  }
  return true;
}

bool ExecSource::take_line(Sink& sink, const TextLine& line) {
  if (line.too_long) return take_bad(sink, fail(Errc::kFieldRange, "a line above 64 KiB"));
  if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) return true;
  const auto now = late_ ? std::nullopt : std::optional(clock_.now());
  auto readings = read_senml(line.text, options_.senml, now);
  if (!readings && late_) {
    late_->lost = true;
    return true;
  }
  if (!readings) return take_bad(sink, readings.error());
  ++counts_.records;
  seen_.note(*readings);
  return readings->empty() || hand_on(sink, std::move(*readings));
}

bool ExecSource::take_bad(Sink& sink, const Error& error) {
  if (++counts_.bad == 1) {  // one line in the log; the count says how many
    log::warn("source.bad_record", {{"source", options_.name}, {"error", error.message()}});
  }
  return declare_lost(sink, GapReason::kNotANumber);
}

bool ExecSource::declare_lost(Sink& sink, GapReason reason) {
  return declare_lost(sink, reason, clock_.now());
}

bool ExecSource::declare_lost(Sink& sink, GapReason reason, Time at) {
  auto gaps = seen_.lost(reason, to_ms(at));
  return gaps.empty() || hand_on(sink, std::move(gaps));
}

std::vector<std::string> channels_of(const ExecOptions& options) {
  return channels_of(options.senml.columns);
}

std::unique_ptr<Source> make_source(const ExecOptions& options, const SourcePlace& place) {
  return std::make_unique<ExecSource>(options, place.clock);
}

}  // namespace lotmark::agent
