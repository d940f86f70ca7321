// The agent's time: the system's clock while that can be believed, and else what is known to have passed since it could.
//
// A gateway without a battery wakes up in 1970, and a clock can be set back while readings come. Times of a channel never
// fall in a log, so the agent keeps a line of its own: a floor (synchronised time, or a node's signed one) that goes on with
// CLOCK_BOOTTIME. While the system's clock is below it, before this program could exist, or leapt ahead of it by more than a
// minute while the agent ran and nobody bears that out, the line is followed and the state is unset. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "core/base/clock.h"
#include "core/wire/enums.h"

namespace lotmark::agent {

struct ClockSources {
  const Clock& wall;                  // outlives the clock
  std::function<Millis()> boottime;   // never set, counts while asleep
  std::function<bool()> disciplined;  // the kernel says that the clock is synchronised
};

class AgentClock final : public Clock {
 public:
  // `floor_ms`: ms UTC that were certain once.
  AgentClock(ClockSources sources, std::optional<std::int64_t> floor_ms);

  // Falls by more than a minute only where a synchronised clock or a node says that it was ahead.
  Time now() const override;
  // Synchronised, free-running or unset.
  ClockState state() const;
  // How far the system's clock was set since the last look; nothing if by less than a second.
  std::optional<Millis> stepped();
  // A time that somebody trusted has signed just now. It bears the system's clock out, casts doubt on it, or, where
  // that stands before this program could exist, takes its place.
  void heard(Time t);
  // What is certain by now; to be kept for the next run.
  std::optional<std::int64_t> floor_ms() const;
  // While the system's clock is not to be believed: a time that has passed at the least.
  std::optional<Time> least_time() const;

 private:
  struct Point {
    Time time;
    Millis boottime;
    Time at(Millis now) const { return time + (now - boottime); }
  };
  struct Look {
    Time wall;
    Millis boottime;
    Time time;
    ClockState state;
  };
  Look look() const;

  ClockSources sources_;
  mutable std::mutex mutex_;
  mutable std::optional<Point> known_;
  mutable std::optional<Point> line_;  // what was given last
  mutable std::optional<Millis> offset_;
  mutable Millis step_{0};
  mutable bool doubted_ = false;
  mutable bool leapt_ = false;  // forward, and nobody has borne that out
  mutable bool stood_ =
      false;  // at the last look, not before this program could exist and not in doubt
};

// Of whatever clock was handed in: the agent's own, or one to be judged by itself.
ClockState state_of(const Clock& clock);

}  // namespace lotmark::agent
