// One channel of a polled device: from the device's numbers to readings, and which of them are worth handing on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge-agent/source/decimal.h"
#include "edge-agent/source/poll/probe.h"

namespace lotmark::agent {

struct PolledChannel {
  std::string channel;
  std::string unit;      // SenML unit
  std::int64_t exp = 0;  // readings are integers of 10^exp
  bool round = true;     // half away from zero; else what has more digits is a gap (not-a-number)
  Exact scale{std::int64_t{1}};  // value = the device's number * scale + offset
  Exact offset;
  // In units of 10^exp: what moved by less is not handed on. 0: all is; 1: on change.
  std::int64_t deadband = 0;
  std::vector<Decimal> limits;  // of alarms: what crosses one is handed on however little it moved
};

class ChannelFilter {
 public:
  ChannelFilter(PolledChannel channel, Millis at_least_every)
      : channel_(std::move(channel)), at_least_every_(at_least_every) {}

  // The reading to hand on, if it is one: the first, one after a gap, one that moved by the deadband or across a limit,
  // or one after the longest silence. A gap that goes on is repeated once a second at most.
  std::optional<Reading> take(const Sample& sample, Time now);
  // What was handed on found no room: the next one is the first again.
  void lost() { last_.reset(); }
  const std::string& channel() const { return channel_.channel; }

 private:
  bool worth(std::int64_t value, std::int64_t t) const;

  PolledChannel channel_;
  Millis at_least_every_;
  std::optional<Reading> last_;  // handed on
};

}  // namespace lotmark::agent
