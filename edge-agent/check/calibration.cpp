#include "edge-agent/check/calibration.h"

#include <fmt/format.h>

#include "edge-agent/check/check.h"
#include "edge-agent/clock/agent_clock.h"

namespace lotmark::agent {

namespace {

constexpr std::int64_t kSoonDays = 30;

std::string due_words(const CalibrationAge& a) {
  if (a.days < 0) return fmt::format(", {} days from now: no reading can rest on it", -a.days);
  std::string out = fmt::format(", {} days ago", a.days);
  if (!a.due) return out;
  if (*a.due < 0) return out + fmt::format(": overdue for {} days", -*a.due);
  return out + fmt::format(", due in {} days", *a.due);
}

}  // namespace

std::vector<CalibrationAge> calibration_ages(const Config& c, Time now) {
  std::vector<CalibrationAge> out;
  const auto today = std::chrono::floor<std::chrono::days>(now);
  for (const auto& [channel, k] : c.calibrations) {
    const auto behind = std::chrono::floor<std::chrono::days>(expired_from(Expiry{k.date}));
    CalibrationAge a{channel, (today - behind).count() + 1, std::nullopt};
    const auto days = c.calibration_days.find(channel);
    if (days != c.calibration_days.end()) a.due = static_cast<std::int64_t>(days->second) - a.days;
    out.push_back(std::move(a));
  }
  return out;
}

void check_calibrations(const Config& c, const Clock& clock, Findings& out) {
  if (state_of(clock) == ClockState::kUnset) return;  // said already
  for (const auto& a : calibration_ages(c, clock.now())) {
    const auto& k = c.calibrations.at(a.channel);
    const bool fed = may_feed(c.sources, a.channel);
    const bool bad = a.days < 0 || (a.due && *a.due <= kSoonDays) || !fed;
    const std::string nobody = fed ? "" : "; no source has channel " + a.channel;
    out.push_back({"calibration." + a.channel, bad ? Mark::kWarn : Mark::kOk,
                   fmt::format("{} of {}{}{}", k.certificate, k.date, due_words(a), nobody)});
  }
}

}  // namespace lotmark::agent
