#include "tests/sim/timeline.h"

namespace lotmark::sim {

void Timeline::after(Millis delay, std::function<void()> what) {
  events_.emplace(std::pair{now_ + std::max(delay, Millis{0}), arranged_++}, std::move(what));
}

bool Timeline::step(Time until) {
  if (events_.empty() || events_.begin()->first.first > until) {
    now_ = std::max(now_, until);
    return false;
  }
  auto next = events_.extract(events_.begin());
  now_ = next.key().first;
  ++steps_;
  next.mapped()();
  return true;
}

}  // namespace lotmark::sim
