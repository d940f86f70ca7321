// A member's report of another's conduct and what the supervisory members rule on it: events of a period block
// (docs/format/complaints.md).
#pragma once

#include <array>

#include "core/wire/sign1.h"

namespace lotmark {

// What a complaint is about.
enum class ComplaintKind : std::uint8_t { kDishonesty, kForgery, kNegligence, kProduct, kOther };
enum class RulingOutcome : std::uint8_t { kUpheld, kDismissed, kFalse };
enum class PenaltyKind : std::uint8_t {
  kWarning,
  kPoints,
  kSuspension,
  kRevocation,
  kRecall,
  kRemoval
};
template <>
inline constexpr std::int64_t kEnumCount<ComplaintKind> = 5;
template <>
inline constexpr std::int64_t kEnumCount<RulingOutcome> = 3;
template <>
inline constexpr std::int64_t kEnumCount<PenaltyKind> = 6;

inline std::string_view name(ComplaintKind v) {
  constexpr std::array<std::string_view, 5> kWords = {"dishonesty", "forgery", "negligence",
                                                      "product", "other"};
  return kWords.at(static_cast<std::size_t>(v));
}
inline std::string_view name(RulingOutcome v) {
  constexpr std::array<std::string_view, 3> kWords = {"upheld", "dismissed", "false"};
  return kWords.at(static_cast<std::size_t>(v));
}
inline std::string_view name(PenaltyKind v) {
  constexpr std::array<std::string_view, 6> kWords = {"warning",    "points", "suspension",
                                                      "revocation", "recall", "removal"};
  return kWords.at(static_cast<std::size_t>(v));
}

struct Complaint {
  KeyId subject;              // whose conduct
  std::vector<Digest> about;  // ids of what it is about
  ComplaintKind kind = ComplaintKind::kOther;
  std::string text;
  std::optional<Digest> evidence;  // SHA-256 of an evidence file
  std::uint64_t time = 0;
};

struct Ruling {
  Digest complaint;
  RulingOutcome outcome = RulingOutcome::kDismissed;
  std::vector<PenaltyKind> penalties;  // on the subject; of a false complaint on who made it
  std::uint64_t points = 0;            // taken
  std::uint64_t reward = 0;            // given to who made it
  std::string text;
  std::uint64_t time = 0;
};

template <>
struct SignedName<Complaint> {
  static constexpr const char* value = "complaint";
};
template <>
struct SignedName<Ruling> {
  static constexpr const char* value = "ruling";
};

}  // namespace lotmark
