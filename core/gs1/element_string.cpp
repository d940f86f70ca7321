#include "core/gs1/element_string.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/gs1/check.h"

namespace lotmark::gs1 {

namespace {

// What a symbology's identifier (ISO/IEC 15424) says of the data behind it.
enum class Carrier : std::uint8_t { kElements, kGtin };
constexpr auto kCarriers = std::to_array<std::pair<std::string_view, Carrier>>({
    {"]C1", Carrier::kElements},
    {"]e0", Carrier::kElements},
    {"]d2", Carrier::kElements},
    {"]Q3", Carrier::kElements},
    {"]J1", Carrier::kElements},
    {"]E0", Carrier::kGtin},
    {"]E4", Carrier::kGtin},
    {"]I0", Carrier::kGtin},
    {"]I1", Carrier::kGtin},
});

Error no_scan(std::string text) { return fail(Errc::kUsage, std::move(text)); }

bool is_gtin_length(std::size_t n) { return n == 8 || n == 12 || n == 13 || n == 14; }

bool is_number(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return in_set(CharSet::kDigits, c); });
}

Result<std::vector<AiValue>> read_gtin(std::string_view digits) {
  if (!is_gtin_length(digits.size()) || !is_number(digits)) {
    return no_scan("a GTIN has 8, 12, 13 or 14 digits");
  }
  AiValue gtin{"01", std::string(14 - digits.size(), '0').append(digits)};
  LM_TRY(judge(gtin));
  return std::vector<AiValue>{std::move(gtin)};
}

// Judges an element and adds it, unless it is there already.
Status add(AiValue element, std::vector<AiValue>& all) {
  LM_TRY(judge(element));
  const auto same = std::ranges::find(all, element.ai, &AiValue::ai);
  if (same != all.end()) {
    if (same->value == element.value) return {};
    return no_scan("AI " + element.ai + " stands twice with different values");
  }
  if (all.size() >= kElementsMax) return fail(Errc::kTooLarge, "a scan of more than 64 elements");
  all.push_back(std::move(element));
  return {};
}

std::size_t fixed_size(const Ai& ai) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < ai.part_count; ++i) size += ai.parts[i].max;
  return size;
}

Error no_ai_at(std::size_t place) {
  return no_scan("no application identifier at byte " + std::to_string(place));
}

Result<std::vector<AiValue>> read_raw(std::string_view text) {
  std::vector<AiValue> all;
  const std::size_t size = text.size();
  if (text.starts_with(kSeparator)) text.remove_prefix(1);
  while (!text.empty()) {
    const AiAtFront front = ai_at_front(text);
    if (front.ai == nullptr) return no_ai_at(size - text.size());
    const std::string ai(text.substr(0, front.size));
    text.remove_prefix(front.size);
    std::size_t length = std::min(text.find(kSeparator), text.size());
    if (front.ai->fixed) length = std::min(length, fixed_size(*front.ai));
    LM_TRY(add({ai, std::string(text.substr(0, length))}, all));
    text.remove_prefix(length);
    if (text.starts_with(kSeparator)) text.remove_prefix(1);
  }
  if (all.empty()) return no_scan("a scan without elements");
  return all;
}

// "(10)" as 4, with a known identifier; 0 for anything else in front.
std::size_t bracket_at_front(std::string_view text) {
  if (!text.starts_with('(')) return 0;
  const auto end = text.substr(0, 6).find(')');
  if (end == std::string_view::npos || find_ai(text.substr(1, end - 1)) == nullptr) return 0;
  return end + 1;
}

Result<std::vector<AiValue>> read_bracketed(std::string_view text) {
  std::vector<AiValue> all;
  const std::size_t size = text.size();
  while (!text.empty()) {
    const std::size_t bracket = bracket_at_front(text);
    if (bracket == 0) return no_ai_at(size - text.size());
    AiValue element{std::string(text.substr(1, bracket - 2)), {}};
    text.remove_prefix(bracket);
    while (!text.empty() && bracket_at_front(text) == 0) {
      if (text.starts_with("\\(")) text.remove_prefix(1);
      element.value += text.front();
      text.remove_prefix(1);
      if (element.value.size() > kAiValueMax) break;  // judged below
    }
    LM_TRY(add(std::move(element), all));
  }
  return all;
}

}  // namespace

Result<std::vector<AiValue>> read_elements(std::string_view scan) {
  if (scan.size() > kScanMax) return fail(Errc::kTooLarge, "a scan of over 8192 bytes");
  if (scan.starts_with(']')) {
    const auto carrier =
        std::ranges::find(kCarriers, scan.substr(0, 3), &decltype(kCarriers)::value_type::first);
    if (carrier == kCarriers.end()) return no_scan("the symbology carries no GS1 elements");
    const auto data = scan.substr(3);
    return carrier->second == Carrier::kGtin ? read_gtin(data) : read_raw(data);
  }
  if (scan.starts_with('(')) return read_bracketed(scan);
  if (is_gtin_length(scan.size()) && is_number(scan)) return read_gtin(scan);
  return read_raw(scan);
}

Result<Link> link_of_scan(std::string_view scan) {
  LM_ASSIGN(const auto elements, read_elements(scan));
  return link_of_elements(elements);
}

std::string bracketed(std::span<const AiValue> elements) {
  std::string out;
  for (const AiValue& e : elements) {
    out += "(" + e.ai + ")";
    for (std::size_t i = 0; i < e.value.size(); ++i) {
      if (bracket_at_front(std::string_view(e.value).substr(i)) > 0) out += '\\';
      out += e.value[i];
    }
  }
  return out;
}

std::string raw_elements(std::span<const AiValue> elements) {
  std::string out;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const AiValue& e = elements[i];
    out += e.ai + e.value;
    const Ai* row = find_ai(e.ai);
    const bool said = row != nullptr && row->fixed;
    if (!said && i + 1 < elements.size()) out += kSeparator;
  }
  return out;
}

}  // namespace lotmark::gs1
