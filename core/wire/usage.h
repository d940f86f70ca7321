// An agency's report of what became of a lot's units: an event of a period block (docs/format/usage.md). And a mark by who
// used, sold or destroyed them, which an agency's report counts (docs/format/mark.md).
#pragma once

#include <array>

#include "core/wire/sign1.h"

namespace lotmark {

enum class UsageKind : std::uint8_t { kUsed, kSold, kDestroyed };
template <>
inline constexpr std::int64_t kEnumCount<UsageKind> = 3;

inline std::string_view name(UsageKind v) {
  constexpr std::array<std::string_view, 3> kWords = {"used", "sold", "destroyed"};
  return kWords.at(static_cast<std::size_t>(v));
}

struct Usage {
  Gtin gtin;
  LotNumber lot;
  UsageKind kind = UsageKind::kUsed;
  std::vector<std::string> serials;  // of units that have one
  std::uint64_t count = 0;           // units, those among them
  std::uint64_t time = 0;
};

struct Mark {
  Gtin gtin;
  LotNumber lot;
  UsageKind kind = UsageKind::kUsed;
  std::optional<std::string> serial;  // of one unit; none: units without
  std::uint64_t count = 1;            // 1 with a serial
  std::uint64_t time = 0;             // ms UTC, as the signer says
  Nonce nonce;
};

// Units by kind, in the order of the enumeration.
using UsageUnits = std::array<std::uint64_t, kEnumCount<UsageKind>>;

// What reports said of a serial so far, and whether it comes again with one more of that kind.
enum class SerialState : std::uint8_t { kUnseen, kSold, kGone };
constexpr bool comes_again(SerialState before, UsageKind kind) {
  return before == SerialState::kGone || (before == SerialState::kSold && kind == UsageKind::kSold);
}
constexpr SerialState after(SerialState before, UsageKind kind) {
  if (before == SerialState::kGone || kind != UsageKind::kSold) return SerialState::kGone;
  return SerialState::kSold;
}
// More units gone, or sold, than there were.
constexpr bool above(const UsageUnits& units, std::uint64_t released) {
  const auto of = [&](UsageKind kind) { return units[static_cast<std::size_t>(kind)]; };
  return of(UsageKind::kUsed) + of(UsageKind::kDestroyed) > released ||
         of(UsageKind::kSold) > released;
}

template <>
struct SignedName<Usage> {
  static constexpr const char* value = "usage";
};
template <>
struct SignedName<Mark> {
  static constexpr const char* value = "mark";
};

}  // namespace lotmark
