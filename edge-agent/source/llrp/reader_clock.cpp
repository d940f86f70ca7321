#include "edge-agent/source/llrp/reader_clock.h"

#include <algorithm>

namespace lotmark::agent::llrp {

namespace {

// Far beyond any clock: a stamp above it is none.
constexpr std::uint64_t kStampMax = std::uint64_t{1} << 60;
// No reader holds reports longer: an older one was stamped before the reader's clock was set.
constexpr std::int64_t kHeldMaxUs = std::int64_t{7} * 24 * 3600 * 1000000;

std::int64_t micros(Mono t) {
  return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count();
}
std::int64_t micros(Millis t) { return t.count() * 1000; }

}  // namespace

std::int64_t ReaderClock::arrival(const Moment& now) {
  from_ = TimeFrom::kArrival;
  return std::max<std::int64_t>(0, to_ms(now.wall));
}

void ReaderClock::begin(const std::optional<Stamp>& stamp, const Moment& now) {
  clocks_[0].reset();
  clocks_[1].reset();
  if (!stamp || stamp->micros > kStampMax) return;
  const auto us = static_cast<std::int64_t>(stamp->micros);
  // Held reports are older than this: the newest is not known yet.
  clocks_[stamp->utc ? 1 : 0] = Measured{us - micros(now.mono), 0};
}

std::int64_t ReaderClock::time_of(const std::optional<Stamp>& stamp, const Moment& now) {
  if (!stamp || stamp->micros > kStampMax) return arrival(now);
  const auto us = static_cast<std::int64_t>(stamp->micros);
  const std::int64_t bound = micros(bound_);
  auto& clock = clocks_[stamp->utc ? 1 : 0];
  if (!clock) clock = Measured{us - micros(now.mono), us};
  std::int64_t age = micros(now.mono) + clock->distance_us - us;
  if (age < -bound || us < clock->newest_us - bound) {
    clock = Measured{us - micros(now.mono), us};
    age = 0;
  }
  if (age > kHeldMaxUs) return arrival(now);
  clock->newest_us = std::max(clock->newest_us, us);
  const std::int64_t ours = to_ms(now.wall) * 1000 - std::max<std::int64_t>(0, age);
  const bool agrees = stamp->utc && us >= ours - bound && us <= ours + bound;
  from_ = agrees ? TimeFrom::kReader : TimeFrom::kOffset;
  ahead_ = stamp->utc ? Millis((us - ours) / 1000) : Millis(0);
  return std::max<std::int64_t>(0, (agrees ? us : ours) / 1000);
}

}  // namespace lotmark::agent::llrp
