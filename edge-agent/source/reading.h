// What sources hand on: readings and reasons for their absence, each with its place in the input.
#pragma once

#include <compare>
#include <string>
#include <variant>

#include "core/base/clock.h"
#include "core/wire/enums.h"

namespace lotmark::agent {

// A place in a replayed file: the record that begins at byte `offset`, and how many of the readings of
// that record come before. Live sources leave it at zero.
struct Position {
  std::uint64_t offset = 0;
  std::uint64_t index = 0;
  auto operator<=>(const Position&) const = default;
};

// How far the time of a reading may lie ahead of the clock.
inline constexpr Millis kAhead{60000};

struct Reading {
  std::string channel;  // 1 to 32 bytes of UTF-8
  std::string unit;     // SenML unit
  std::int64_t exp = 0;
  std::int64_t t = 0;  // ms UTC
  // A quantity in units of 10^exp, a text (an EPC), or why there is neither: a declared gap.
  std::variant<std::int64_t, std::string, GapReason> value;
  Position at;
  ChannelKind gap_kind = ChannelKind::kQuantity;  // of a gap: what its channel holds otherwise
};

// The reading's place in its channel, with the reason why there is no value.
inline Reading as_gap(Reading reading, GapReason reason) {
  if (std::holds_alternative<std::string>(reading.value)) reading.gap_kind = ChannelKind::kEpc;
  reading.value = reason;
  return reading;
}

}  // namespace lotmark::agent
