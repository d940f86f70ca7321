// A device that is asked. The sampler opens it, reads all its channels at each turn and closes it after a failure;
// it alone decides when. A probe is used by one thread at a time.
#pragma once

#include <variant>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/child.h"
#include "edge-agent/source/poll/exact.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

// Nothing was to be said of a channel this time, and nothing is missing.
struct Quiet {
  bool operator==(const Quiet&) const = default;
};

// What a device says of one channel: a number in the channel's unit, or why there is none.
struct Sample {
  std::variant<Exact, GapReason, Quiet> value = GapReason::kSensorLost;
  std::optional<Time> at;  // when it was read; if not said, when all were
};

struct PollContext {
  const Clock& clock;
  const StopEvent& stop;  // ends a long wait: give kUnavailable then
};

class Probe {
 public:
  virtual ~Probe() = default;
  // Called before the first read and after each close().
  virtual Status open() = 0;
  // Fills the samples, one a channel, each a lost sensor beforehand. An error: the device failed, and it is closed;
  // what was read before counts. It should return within a few seconds; one that does not is left alone until it does.
  virtual Status read(const PollContext& context, std::vector<Sample>& out) = 0;
  // Also after an open() that failed.
  virtual void close() = 0;
};

}  // namespace lotmark::agent
