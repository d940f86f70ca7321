#include "edge-agent/clock/agent_clock.h"

#include <algorithm>
#include <utility>

#include "edge-agent/host.h"

namespace lotmark::agent {

namespace {

constexpr Time kProgram{
    Millis{1735689600000}};          // 2025-01-01: no clock of this program's can be below
constexpr Millis kTolerance{60000};  // two clocks that agree
constexpr Millis kStep{1000};        // above what slewing does between two looks

bool agree(Time a, Time b) { return a - b <= kTolerance && b - a <= kTolerance; }

}  // namespace

AgentClock::AgentClock(ClockSources sources, std::optional<std::int64_t> floor_ms)
    : sources_(std::move(sources)) {
  if (floor_ms) known_ = line_ = Point{from_ms(*floor_ms), sources_.boottime()};
}

AgentClock::Look AgentClock::look() const {
  const Time wall = sources_.wall.now();
  const Millis boottime = sources_.boottime();
  const Millis offset = wall.time_since_epoch() - boottime;
  if (offset_ && (offset - *offset_ > kStep || *offset_ - offset > kStep))
    step_ += offset - *offset_;
  // Forward, of a clock that stood somewhere: somebody's hand or a broken chip, until it is borne out.
  if (offset_ && offset - *offset_ > kTolerance && stood_) leapt_ = true;
  offset_ = offset;

  Look out{wall, boottime, wall, ClockState::kFreeRunning};
  if (wall >= kProgram && sources_.disciplined()) {
    out.state = ClockState::kSynchronised;
    known_ = Point{wall, boottime};
    doubted_ = leapt_ = false;
    // What was given stands until the clock has caught up, unless it was far ahead: then it was wrong.
    if (line_ && agree(line_->time, wall)) out.time = std::max(wall, line_->time);
  } else {
    const Time line = line_ ? line_->at(boottime) : wall;
    const bool behind = wall + kTolerance < line;
    leapt_ = leapt_ && line + kTolerance < wall;  // it was put back
    if (wall < kProgram || behind || doubted_ || leapt_) out.state = ClockState::kUnset;
    out.time = behind || leapt_ ? line : line_ ? std::max(wall, line_->time) : wall;
  }
  stood_ = wall >= kProgram && !doubted_;
  line_ = Point{out.time, boottime};
  return out;
}

Time AgentClock::now() const {
  std::lock_guard lock(mutex_);
  return look().time;
}

ClockState AgentClock::state() const {
  std::lock_guard lock(mutex_);
  return look().state;
}

std::optional<Millis> AgentClock::stepped() {
  std::lock_guard lock(mutex_);
  look();
  const Millis by = std::exchange(step_, Millis{0});
  if (by == Millis{0}) return std::nullopt;
  return by;
}

void AgentClock::heard(Time t) {
  std::lock_guard lock(mutex_);
  const Look now = look();
  if (now.state == ClockState::kSynchronised || t < kProgram) return;
  if (agree(now.wall, t)) {
    known_ = Point{now.wall, now.boottime};
    doubted_ = leapt_ = false;
    if (line_ && !agree(line_->time, now.wall)) line_ = known_;
    return;
  }
  if (now.wall >= kProgram) {
    doubted_ = doubted_ || t > now.wall;
    return;
  }
  if (known_ && t <= known_->at(now.boottime)) return;
  known_ = Point{t, now.boottime};
  if (!line_ || line_->time < t) line_ = known_;
}

std::optional<std::int64_t> AgentClock::floor_ms() const {
  std::lock_guard lock(mutex_);
  const Look now = look();
  if (!known_) return std::nullopt;
  return to_ms(known_->at(now.boottime));
}

std::optional<Time> AgentClock::least_time() const {
  std::lock_guard lock(mutex_);
  const Look now = look();
  if (now.state != ClockState::kUnset) return std::nullopt;
  return std::max({now.time, leapt_ ? now.time : now.wall, kProgram});
}

ClockState state_of(const Clock& clock) {
  if (const auto* own = dynamic_cast<const AgentClock*>(&clock)) return own->state();
  return AgentClock({clock, boottime, clock_disciplined}, std::nullopt).state();
}

}  // namespace lotmark::agent
