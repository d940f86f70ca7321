#include "core/gs1/ai.h"

#include <algorithm>

#include "core/gs1/ai_rules.h"

namespace lotmark::gs1 {

namespace {

using enum CharSet;
using enum AiRule;

constexpr auto kAis = std::to_array<Ai>({
#include "core/gs1/ai_table.inc"
});

constexpr std::string_view kPunctuation82 = "!\"%&'()*+,-./:;<=>?_";
constexpr std::string_view kPunctuation39 = "#-/";

Error bad_value(std::string_view ai, std::string_view fault) {
  const Errc code = ai == "01" ? Errc::kGtin : ai == "10" ? Errc::kLot : Errc::kFieldRange;
  return fail(code, std::string("AI ").append(ai) + " " + std::string(fault));
}

std::string_view fault_of_set(CharSet set) {
  switch (set) {
    case kDigits: return "takes digits only";
    case kSet82: return "has a character outside GS1's set 82";
    case kSet39: return "has a character outside GS1's set 39";
    case kSet64: return "has a character outside base64url";
  }
  return {};
}

// "18", "1 to 20", "13 to 30": characters of a whole value.
std::string lengths_of(const Ai& ai) {
  std::size_t least = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < ai.part_count; ++i) {
    if (!ai.parts[i].optional) least += ai.parts[i].min;
    most += ai.parts[i].max;
  }
  return (least == most ? "" : std::to_string(least) + " to ") + std::to_string(most);
}

bool is_of_check_digit(AiRule rule) { return rule == kCheck || rule == kCheckPair; }

// At most two '=', behind all else.
bool is_filled_at_end(std::string_view text) {
  const auto filling = text.substr(std::min(text.find('='), text.size()));
  return filling.size() <= 2 && filling.find_first_not_of('=') == std::string_view::npos;
}

std::string_view fault_of_part(const AiPart& part, std::string_view text, CheckDigits check) {
  for (const char c : text) {
    if (!in_set(part.set, c)) return fault_of_set(part.set);
  }
  if (part.set == kSet64 && !is_filled_at_end(text)) return "has '=' elsewhere than at its end";
  for (const AiRule rule : part.rules) {
    if (check == CheckDigits::kIgnored && is_of_check_digit(rule)) continue;
    if (const auto fault = broken_rule(rule, text); !fault.empty()) return fault;
  }
  return {};
}

}  // namespace

bool in_set(CharSet set, char c) {
  if (c >= '0' && c <= '9') return true;
  if (set == kDigits || c == '\0') return false;
  if (c >= 'A' && c <= 'Z') return true;
  if (set == kSet39) return kPunctuation39.find(c) != std::string_view::npos;
  if (c >= 'a' && c <= 'z') return true;
  // base64url is filled up with '=' (RFC 4648 section 5).
  if (set == kSet64) return c == '-' || c == '_' || c == '=';
  return kPunctuation82.find(c) != std::string_view::npos;
}

const Ai* find_ai(std::string_view digits) {
  const auto after = std::ranges::upper_bound(kAis, digits, {}, &Ai::first);
  if (after == kAis.begin()) return nullptr;
  const Ai& row = *std::prev(after);
  const bool found = digits.size() == row.last.size() && digits <= row.last &&
                     std::ranges::all_of(digits, [](char c) { return in_set(kDigits, c); });
  return found ? &row : nullptr;
}

AiAtFront ai_at_front(std::string_view text) {
  for (std::size_t size = 2; size <= 4 && size <= text.size(); ++size) {
    if (const Ai* ai = find_ai(text.substr(0, size))) return {ai, size};
  }
  return {};
}

std::vector<const Ai*> all_ais() {
  std::vector<const Ai*> all;
  for (const Ai& ai : kAis) all.push_back(&ai);
  return all;
}

Status judge(std::string_view digits, std::string_view value, CheckDigits check) {
  const Ai* ai = find_ai(digits);
  if (ai == nullptr) {
    return fail(Errc::kUsage, "AI " + std::string(digits.substr(0, 8)) + " does not exist");
  }
  std::string_view left = value;
  for (std::size_t i = 0; i < ai->part_count; ++i) {
    const AiPart& part = ai->parts[i];
    if (part.optional && left.empty()) break;
    const auto text = left.substr(0, part.max);
    if (text.size() < part.min) {
      return bad_value(digits, "takes " + lengths_of(*ai) + " characters");
    }
    if (const auto fault = fault_of_part(part, text, check); !fault.empty()) {
      return bad_value(digits, fault);
    }
    left.remove_prefix(text.size());
  }
  if (!left.empty()) return bad_value(digits, "takes " + lengths_of(*ai) + " characters");
  return {};
}

}  // namespace lotmark::gs1
