// When a device is asked, and when it is left alone because it does not answer. No I/O: times are handed in.
#pragma once

#include <chrono>

#include "core/base/clock.h"

namespace lotmark::agent {

struct PollTiming {
  Millis interval{10000};
  Millis jitter{0};               // each turn is up to so much later, by chance
  Millis phase{0};                // turns are at multiples of the interval plus this
  Millis at_least_every{900000};  // the longest silence of a channel with a deadband
  int degrade_after = 3;          // failures in a row before a device is left alone
  Millis quarantine_max{60000};   // the longest pause before it is asked again
};

using Tick = std::chrono::steady_clock::time_point;

// Turns come at once, then at multiples of the interval of the machine's running time. What was missed is not made up
// for. A device that failed often enough in a row is asked again after 1 s, 2 s, 4 s and so on; turns between are told
// as passed, so that its missing time can be declared.
class Pace {
 public:
  Pace(const PollTiming& timing, Tick start) : timing_(timing), due_(start) {}

  Tick due() const { return due_; }
  // False: quarantined, let this turn pass.
  bool asks(Tick now) const { return failures_ < timing_.degrade_after || now >= again_; }
  void answered(Tick now);
  void failed(Tick now);
  void passed(Tick now);
  int failures() const { return failures_; }
  bool quarantined() const { return failures_ >= timing_.degrade_after; }

 private:
  Tick turn_after(Tick now) const;

  PollTiming timing_;
  Tick due_;
  Tick again_;  // while it fails: when it is asked at the latest
  int failures_ = 0;
};

}  // namespace lotmark::agent
