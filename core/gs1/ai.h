// GS1's application identifiers: which there are, what a value may be, and where one may stand in a Digital Link URI
// (GS1 General Specifications chapter 3; GS1 Digital Link URI Syntax). The table is made by scripts/gs1-ai-table; which
// identifiers need or exclude each other is not in it, as that is judged over all carriers on a thing together.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lotmark::gs1 {

// Of one character of a value. Sets 82 and 39 are those of GenSpecs 7.11; 64 is base64url.
enum class CharSet : std::uint8_t { kDigits, kSet82, kSet39, kSet64 };
bool in_set(CharSet set, char c);

// What a part of a value must hold beyond its characters and length (core/gs1/ai_rules.h).
enum class AiRule : std::uint8_t {
  kNone,
  kAllDigits,
  kCheck,
  kCheckPair,
  kCode,
  kDay,
  kHour,
  kHyphen,
  kIban,
  kImporter,
  kLatitude,
  kLetters,
  kLongDay,
  kLongitude,
  kMedia,
  kMonthOrDay,
  kNoLeadingZero,
  kNonzero,
  kNotAllDigits,
  kPackage,
  kPercent,
  kPieceOfTotal,
  kPlaceInSequence,
  kPrefix,
  kSex,
  kSixty,
  kTime,
  kWinding,
  kYesNo,
  kZero,
};

struct AiPart {
  CharSet set;
  std::uint8_t min;  // characters
  std::uint8_t max;
  bool optional;  // may be missing with all that follow it
  std::array<AiRule, 3> rules;
};

struct Ai {
  std::string_view first;  // the row stands for the identifiers from this
  std::string_view last;   // to this, both of one length
  std::array<AiPart, 5> parts;
  std::uint8_t part_count;
  bool fixed;      // the identifier says the length: no separator follows the value
  bool key;        // a primary key of a Digital Link URI
  bool attribute;  // may stand in the query of a Digital Link URI
  // Of a key, in this order: "22,10,21|235" are two alternatives. Empty for none.
  std::string_view qualifiers;
};

// A value in the clear: neither percent-encoded nor with a separator.
struct AiValue {
  std::string ai;
  std::string value;
  auto operator<=>(const AiValue&) const = default;
};

inline constexpr std::size_t kAiValueMax = 90;  // characters of the longest value

// The row of exactly these digits; null if GS1 has not given them out. Rows live as long as the program.
const Ai* find_ai(std::string_view digits);
// The row of the identifier with which a text begins (none is the beginning of another), and its length.
struct AiAtFront {
  const Ai* ai = nullptr;
  std::size_t size = 0;
};
AiAtFront ai_at_front(std::string_view text);
// All rows, in the order of their identifiers.
std::vector<const Ai*> all_ais();

enum class CheckDigits : bool { kIgnored, kJudged };

// Whether `value` may stand for the identifier `digits`. usage for an unknown identifier; gtin (of 01), lot (of 10) or
// field-range naming identifier and fault. Codes of countries, currencies and packages are judged by their form only:
// the lists are not GS1's and change.
Status judge(std::string_view digits, std::string_view value,
             CheckDigits check_digits = CheckDigits::kJudged);
inline Status judge(const AiValue& v, CheckDigits check_digits = CheckDigits::kJudged) {
  return judge(v.ai, v.value, check_digits);
}

}  // namespace lotmark::gs1
