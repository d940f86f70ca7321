// Time as the formats have it: milliseconds UTC. The clock is handed in, so that a test can lie about it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Millis>;

inline std::int64_t to_ms(Time t) { return t.time_since_epoch().count(); }
// The same of records, whose times have no sign.
inline std::uint64_t unix_ms(Time t) { return static_cast<std::uint64_t>(to_ms(t)); }
inline Time from_ms(std::int64_t ms) { return Time{Millis{ms}}; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

// Stands still until told; safe to read and set from different threads.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : ms_(to_ms(start)) {}
  Time now() const override { return from_ms(ms_); }
  void set(Time t) { ms_ = to_ms(t); }
  void advance(Millis by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_;
};

// 2026-01-05T08:00:00.000Z; outside the years 0 to 9999, which have no such form,
// "9000000000000000 ms since 1970".
std::string to_iso(Time t);
inline std::string iso_of_ms(std::uint64_t ms) {
  return to_iso(from_ms(static_cast<std::int64_t>(ms)));
}
// Reads YYYY-MM-DD, with an optional [T ]HH:MM[:SS[.mmm]] and an optional Z; always UTC.
std::optional<Time> from_iso(std::string_view text);

}  // namespace lotmark
