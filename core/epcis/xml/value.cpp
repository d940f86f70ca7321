#include "core/epcis/xml/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/assert.h"

namespace lotmark::epcis::xml {

namespace {

struct Written {
  std::string_view urn;     // behind urn:epcglobal:cbv:, and before the word; empty for none
  std::string_view in_web;  // what the word begins with in the namespace
  std::string_view curie;   // prefix of the namespace in GS1's context
  std::string_view spaces[2];
};

constexpr std::string_view kCbv[] = {"https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/"};
constexpr std::string_view kVoc[] = {"https://gs1.org/voc/", "https://www.gs1.org/voc/"};

Written written(Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::kBizStep: return {"bizstep:", "BizStep-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kDisposition: return {"disp:", "Disp-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kTransaction: return {"btt:", "BTT-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kParty: return {"sdt:", "SDT-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kErrorReason: return {"er:", "ER-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kComponent: return {"", "Comp-", "cbv:", {kCbv[0], kCbv[1]}};
    case Vocabulary::kSensor: return {"", "", "gs1:", {kVoc[0], kVoc[1]}};
  }
  LM_ASSERT(false);
  return {};
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

// Digits with at most one point, and with `exponent` what xsd:double has behind them.
bool is_number(std::string_view text, bool exponent) {
  const auto digits = [&] {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(end);
    return end;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::size_t count = digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    count += digits();
  }
  if (count == 0) return false;
  if (exponent && (text.starts_with('e') || text.starts_with('E'))) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

}  // namespace

std::string bare_word(Vocabulary vocabulary, std::string_view value) {
  constexpr std::string_view kUrn = "urn:epcglobal:cbv:";
  const Written form = written(vocabulary);
  const auto behind = [&](std::string_view space, std::string_view start) {
    if (!value.starts_with(space) || !value.substr(space.size()).starts_with(start)) return false;
    const auto word = value.substr(space.size() + start.size());
    if (!is_word(word)) return false;
    value = word;
    return true;
  };
  if (!form.urn.empty() && behind(kUrn, form.urn)) return std::string(value);
  for (const auto space : {form.curie, form.spaces[0], form.spaces[1]}) {
    if (behind(space, form.in_web)) break;
  }
  return std::string(value);
}

std::optional<Json> number(std::string_view text, bool exponent) {
  if (!is_number(text, exponent)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);  // from_chars knows none
  const auto end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, whole);
      error == std::errc{} && stop == end) {
    return Json(whole);
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  constexpr double kExact = 9007199254740992.0;  // 2^53: below, a double holds every integer
  if (value == std::trunc(value) && std::abs(value) < kExact)
    return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

std::optional<Json> boolean(std::string_view text) {
  if (text == "true" || text == "1") return Json(true);
  if (text == "false" || text == "0") return Json(false);
  return std::nullopt;
}

}  // namespace lotmark::epcis::xml
