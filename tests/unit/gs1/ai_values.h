// Values that an application identifier may have, made part by part from its row: for tests that walk the whole table.
#pragma once

#include <string>

#include "core/gs1/ai.h"
#include "core/gs1/check.h"

namespace lotmark::gs1::test {

// Two digits that make the rest of an IBAN one (ISO 13616).
inline std::string iban(const std::string& country, const std::string& account) {
  unsigned rest = 0;
  for (const char c : account + country + "00") {
    if (c >= '0' && c <= '9') rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    else rest = (rest * 100 + 10 + static_cast<unsigned>(c - 'A')) % 97;
  }
  const unsigned digits = 98 - rest;
  return country + (digits < 10 ? "0" : "") + std::to_string(digits) + account;
}

// Of a rule that leaves little choice; empty for others.
inline std::string only_text(AiRule rule, std::size_t size) {
  switch (rule) {
    case AiRule::kDay: return "240229";
    case AiRule::kMonthOrDay: return "240200";
    case AiRule::kLongDay: return "20240229";
    case AiRule::kTime: return "2359";
    case AiRule::kHour: return "23";
    case AiRule::kSixty: return "59";
    case AiRule::kHyphen: return "-";
    case AiRule::kIban: return iban("DE", std::string(size < 15 ? 12 : size - 4, '7'));
    case AiRule::kLatitude: return "0900000000";
    case AiRule::kLongitude: return "1800000000";
    case AiRule::kLetters: return "DE";
    case AiRule::kMedia: return "80";
    case AiRule::kPieceOfTotal: return "0102";
    case AiRule::kPlaceInSequence: return "1/2";
    case AiRule::kZero: return "0";
    default: return {};
  }
}

inline std::string text_of(const AiPart& part, std::size_t size) {
  for (const AiRule rule : part.rules) {
    if (const auto only = only_text(rule, size); !only.empty()) return only;
  }
  std::string text(size, '1');
  for (const AiRule rule : part.rules) {
    if (rule == AiRule::kCheck) text.back() = mod10_digit(text.substr(0, size - 1));
    if (rule == AiRule::kPrefix && text.size() < 4) text = "1111";
    if (rule != AiRule::kCheckPair) continue;
    text = size < 7 ? "1111A" : std::string(size - 3, '1') + "A";
    text += *check_pair(text);
  }
  return text;
}

// The shortest or longest value that may stand for `ai`, as far as its rules let it be that short.
inline std::string value_of(const Ai& ai, bool longest) {
  std::string value;
  for (std::size_t i = 0; i < ai.part_count; ++i) {
    const AiPart& part = ai.parts[i];
    if (!part.optional || longest) value += text_of(part, longest ? part.max : part.min);
  }
  return value;
}

}  // namespace lotmark::gs1::test
