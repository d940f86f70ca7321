#include "core/epcis/hash/event_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/gs1/identity.h"

namespace lotmark::epcis {

namespace {

// The standard values that have an address in GS1's web vocabulary; business transactions and locations of the same
// namespace stay URNs.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kCbvUrns = {{
    {"urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"},
    {"urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"},
    {"urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"},
    {"urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"},
    {"urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"},
}};

std::string_view take_while_digits(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

// What is behind the "e" of a number, all of it.
std::optional<int> read_exponent(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end) return std::nullopt;
  if (std::abs(value) > kNumberDigitsMax) return std::nullopt;
  return value;
}

// `digits` with a point behind the first `point` of them, which may lie outside.
std::string place_point(std::string_view digits, int point) {
  const int size = static_cast<int>(digits.size());
  if (point <= 0)
    return "0." + std::string(static_cast<std::size_t>(-point), '0') + std::string(digits);
  if (point >= size)
    return std::string(digits) + std::string(static_cast<std::size_t>(point - size), '0');
  const auto whole = static_cast<std::size_t>(point);
  return std::string(digits.substr(0, whole)) + "." + std::string(digits.substr(whole));
}

std::string with_prefix_expanded(std::string_view text, const Context& context) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(colon + 1).starts_with("//"))
    return std::string(text);
  const auto space = context.space_of(text.substr(0, colon));
  return space ? *space + std::string(text.substr(colon + 1)) : std::string(text);
}

}  // namespace

std::optional<std::string> canonical_number(std::string_view text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  std::string digits(take_while_digits(text));
  int point = static_cast<int>(std::min<std::size_t>(digits.size(), kNumberDigitsMax + 1));
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += take_while_digits(text);
  }
  if (digits.empty() || digits.size() > static_cast<std::size_t>(kNumberDigitsMax))
    return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    const auto exponent = read_exponent(text.substr(1));
    if (!exponent) return std::nullopt;
    point += *exponent;
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  digits.erase(digits.find_last_not_of('0') + 1);
  const auto zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, zeros);
  if (digits.empty()) return "0";
  return (minus ? "-" : "") + place_point(digits, point - static_cast<int>(zeros));
}

std::optional<std::string> number_text(const Json& number) {
  if (number.is_number_unsigned()) return std::to_string(number.get<std::uint64_t>());
  if (number.is_number_integer()) return std::to_string(number.get<std::int64_t>());
  if (!number.is_number_float() || !std::isfinite(number.get<double>())) return std::nullopt;
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                          number.get<double>(), std::chars_format::scientific);
  if (error != std::errc()) return std::nullopt;
  return canonical_number({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\v\f\r";
  const auto first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

std::string canonical_text(std::string_view text, const Context& context) {
  std::string out = with_prefix_expanded(trimmed(text), context);
  for (const auto& [urn, uri] : kCbvUrns) {
    if (out.starts_with(urn)) return out.replace(0, urn.size(), uri);
  }
  if (auto number = canonical_number(out)) return *std::move(number);
  if (auto identity = gs1::canonical_identity(out)) return *std::move(identity);
  return out;
}

std::string canonical_word(std::string_view text, std::string_view space, const Context& context) {
  const auto word = trimmed(text);
  if (word.empty() || word.find(':') != std::string_view::npos)
    return canonical_text(word, context);
  return std::string(space).append(word);
}

}  // namespace lotmark::epcis
