// Rules over channels: a limit that is passed for so long, or a channel that is silent. No I/O and no clock of its
// own; times come with each call. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "edge-agent/source/decimal.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

enum class AlarmKind { kAbove, kBelow, kSilent };

struct AlarmRule {
  std::string name;  // [a-z0-9-]{1,32}: what is signed and told
  std::string channel;
  AlarmKind kind = AlarmKind::kAbove;
  Decimal limit;  // above and below, in the channel's unit
  std::optional<Decimal>
      clear;  // ends when the value is back here; without it, when it is within the limit
  // Above and below: the limit must be passed for so long. Silent: no reading for so long.
  std::chrono::seconds delay{0};
};

struct AlarmEvent {
  std::size_t rule = 0;  // its place
  bool raised = false;   // else it ended
  std::int64_t t = 0;    // ms UTC: of the reading that decided, or now for silence
  // The channel's last reading; silence has none if the channel was never heard.
  std::optional<Reading> reading;
};

class AlarmWatch {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;

  // Silence counts from `now`. `rules` outlives the watch.
  AlarmWatch(const std::vector<AlarmRule>& rules, Monotonic now);

  // A reading that came now (`live`), or one of a recorded input, whose own times measure the delay. Declared gaps
  // and texts pass no limit; a text breaks silence, a gap does not.
  void note(const Reading& reading, bool live, Monotonic now, std::vector<AlarmEvent>& out);
  // What time alone brings: delays of live channels that ended, and silence.
  void tick(Time wall, Monotonic now, std::vector<AlarmEvent>& out);
  // Takes over the state of each rule that `old` has just so; nothing was noted here yet. Alarms of its other rules end
  // at `wall`, but for those of recorded inputs, whose times are their own; `ended` has places in `old`.
  void succeed(AlarmWatch& old, Time wall, std::vector<AlarmEvent>& ended);
  // When tick() can next bring something.
  std::optional<Monotonic> deadline() const;

 private:
  struct State {
    bool raised = false;
    bool live = true;                     // of the last reading
    std::optional<Monotonic> since;       // the limit is passed, live
    std::optional<std::int64_t> since_t;  // the same in times of a recorded input
    Monotonic heard;
    std::optional<Reading> last;
  };
  void judge(std::size_t place, const Reading& reading, bool live, Monotonic now,
             std::vector<AlarmEvent>& out);
  void end(std::size_t place, std::int64_t t, std::vector<AlarmEvent>& out);
  void raise(std::size_t place, std::int64_t t, std::vector<AlarmEvent>& out);

  const std::vector<AlarmRule>& rules_;
  std::vector<State> states_;
};

}  // namespace lotmark::agent
