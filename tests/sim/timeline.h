// Virtual time: what is to happen, in the order of time and then of arrangement. Nothing waits.
#pragma once

#include <functional>
#include <map>

#include "core/base/clock.h"

namespace lotmark::sim {

class Timeline {
 public:
  explicit Timeline(Time begin) : now_(begin) {}
  Time now() const { return now_; }
  void after(Millis delay, std::function<void()> what);
  // Runs the next event if it is not later than `until`; else the time is `until` and there was none.
  bool step(Time until);
  std::uint64_t steps() const { return steps_; }

 private:
  Time now_;
  std::uint64_t arranged_ = 0;
  std::uint64_t steps_ = 0;
  std::map<std::pair<Time, std::uint64_t>, std::function<void()>> events_;
};

}  // namespace lotmark::sim
