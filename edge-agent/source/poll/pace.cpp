#include "edge-agent/source/poll/pace.h"

#include <algorithm>

#include "core/base/random.h"

namespace lotmark::agent {

namespace {

constexpr Millis kFirstPause{1000};

Millis by_chance(Millis most) {
  if (most.count() <= 0) return {};
  std::uint64_t random = 0;
  fill_random(reinterpret_cast<std::uint8_t*>(&random), sizeof random);
  return Millis(static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(most.count()) + 1)));
}

}  // namespace

Tick Pace::turn_after(Tick now) const {
  const auto running = std::chrono::floor<Millis>(now.time_since_epoch()) - timing_.phase;
  const auto turns = running.count() >= 0 ? running / timing_.interval : -1;
  return Tick((turns + 1) * timing_.interval + timing_.phase + by_chance(timing_.jitter));
}

void Pace::answered(Tick now) {
  failures_ = 0;
  due_ = turn_after(now);
}

void Pace::failed(Tick now) {
  ++failures_;
  const int doubled = std::clamp(failures_ - timing_.degrade_after, 0, 20);
  again_ = now + std::min(kFirstPause * (1 << doubled), timing_.quarantine_max);
  passed(now);
}

void Pace::passed(Tick now) {
  due_ = turn_after(now);
  if (quarantined()) due_ = std::max(due_, now + kFirstPause);  // gaps are declared no more often
  if (again_ > now) due_ = std::min(due_, again_);
}

}  // namespace lotmark::agent
