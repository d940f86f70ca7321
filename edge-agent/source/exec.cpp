#include "edge-agent/source/exec.h"

#include <algorithm>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr std::size_t kLineMax = 64 * 1024;
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
    if (!declare_lost(sink) || !stop_.pause_ms(pause)) return std::optional<Position>();
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
  std::string pending;
  std::uint8_t buffer[4096];
  for (;;) {
    auto got = line->read(buffer, sizeof buffer, stop_);
    if (!got) return got.code() != Errc::kUnavailable;
    if (*got == 0) return pending.empty() || take_line(sink, pending);
    pending.append(reinterpret_cast<const char*>(buffer), *got);
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      if (!take_line(sink, std::string_view(pending).substr(0, end))) return false;
      pending.erase(0, end + 1);
    }
    if (pending.size() > kLineMax) {
      ++counts_.bad;
      pending.clear();
    }
  }
}

bool ExecSource::take_line(Sink& sink, std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return true;
  auto readings = read_senml(line, options_.senml, clock_.now());
  if (!readings) {
    if (++counts_.bad == 1) {
      log::warn("source.bad_record",
                {{"source", options_.name}, {"error", readings.error().message()}});
    }
    return true;
  }
  ++counts_.records;
  for (const auto& r : *readings) seen_[r.channel] = r;
  return readings->empty() || sink.put(std::move(*readings));
}

bool ExecSource::declare_lost(Sink& sink) {
  std::vector<Reading> gaps;
  for (const auto& [channel, last] : seen_) {
    Reading gap = last;
    gap.t = std::max(last.t, to_ms(clock_.now()));
    gap.value = GapReason::kSensorLost;
    gaps.push_back(std::move(gap));
  }
  return gaps.empty() || sink.put(std::move(gaps));
}

}  // namespace lotmark::agent
