// When a tag was seen. A reader stamps its reports by a clock of its own, UTC or since its start, and UTC clocks that
// nobody set say 2000 or 1970. The distance between the reader's clock and our monotonic one is measured when the
// connection begins; by it every stamp gets a moment of the gateway's clock. The reader's own UTC is used only where it
// agrees with that moment.
#pragma once

#include <optional>

#include "core/base/clock.h"
#include "edge-agent/source/llrp/answers.h"
#include "edge-agent/source/llrp/session.h"

namespace lotmark::agent::llrp {

struct Moment {
  Mono mono;
  Time wall;
};

// Where the time of a reading comes from.
enum class TimeFrom {
  kReader,   // the reader's UTC, which agrees
  kOffset,   // the arrival, less how long ago it was by the reader's clock
  kArrival,  // the arrival: the reader gives no time that can be
};

class ReaderClock {
 public:
  // `bound`: how far the reader's UTC may be off and still be used.
  explicit ReaderClock(Millis bound) : bound_(bound) {}

  // A connection began; the reader's clock at this moment, if it said.
  void begin(const std::optional<Stamp>& stamp, const Moment& now);
  // The time, ms UTC, of what the reader stamped so. A stamp ahead of now, or behind the newest one, by more than the
  // bound says that the reader's clock was set: the distance is measured anew, with the report as if just made. One
  // of more than a week ago was stamped before the clock was set: it has the time of its arrival.
  std::int64_t time_of(const std::optional<Stamp>& stamp, const Moment& now);
  TimeFrom from() const { return from_; }
  // How far the reader's UTC was ahead of ours at the last stamp.
  Millis ahead() const { return ahead_; }

 private:
  struct Measured {
    std::int64_t distance_us;  // reader's clock less our monotonic one
    std::int64_t newest_us;
  };
  std::int64_t arrival(const Moment& now);

  const Millis bound_;
  std::optional<Measured> clocks_[2];  // since start, UTC
  TimeFrom from_ = TimeFrom::kArrival;
  Millis ahead_{0};
};

}  // namespace lotmark::agent::llrp
