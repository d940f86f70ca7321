#include "core/epcis/query/identity_pattern.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/epcis/query/words.h"
#include "core/gs1/identity.h"

namespace lotmark::epcis {

namespace {

constexpr std::string_view kOrigin = "https://id.gs1.org/";
constexpr std::string_view kPattern = "urn:epc:idpat:";
constexpr std::string_view kPure = "urn:epc:id:";

// How a scheme's identities begin in the canonical form, and how far before the company prefix.
struct Scheme {
  std::string_view name;
  std::string_view start;
  std::size_t before_prefix;
  std::string_view qualifier;
  std::size_t parts;
};
constexpr auto kSchemes = std::to_array<Scheme>({
    {"sgtin", "01/", 1, "/21/", 3},
    {"upui", "01/", 1, "/235/", 3},
    {"sscc", "00/", 1, "", 2},
    {"sgln", "414/", 0, "", 3},
    {"pgln", "417/", 0, "", 2},
    {"grai", "8003/0", 0, "", 3},
    {"giai", "8004/", 0, "", 2},
    {"gsrn", "8018/", 0, "", 2},
    {"gsrnp", "8017/", 0, "", 2},
    {"gdti", "253/", 0, "", 3},
    {"sgcn", "255/", 0, "", 3},
    {"cpi", "8010/", 0, "/8011/", 3},
    {"itip", "8006/", 1, "/21/", 5},
    {"ginc", "401/", 0, "", 2},
    {"gsin", "402/", 0, "", 2},
});
// Schemes of the Tag Data Standard without a GS1 key: compared as they are written.
constexpr auto kOtherSchemes =
    std::to_array<std::string_view>({"gid", "usdod", "adi", "bic", "imovn"});

std::vector<std::string_view> parts_of(std::string_view body) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto dot = body.find('.');
    parts.push_back(body.substr(0, dot));
    if (dot == std::string_view::npos || parts.size() > 8) return parts;
    body.remove_prefix(dot + 1);
  }
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Error bad_pattern(std::string_view text) {
  return fail(Errc::kUsage, std::string(text.substr(0, 80)) + " is no pattern of a known scheme");
}

// What stands behind the pattern's digits; nothing if it does not begin so.
std::optional<std::string_view> rest_behind(const WidePattern& wide, std::string_view canonical) {
  const std::size_t ahead = wide.start.size() + wide.any;
  if (!canonical.starts_with(wide.start) || canonical.size() < ahead) return std::nullopt;
  if (!canonical.substr(ahead).starts_with(wide.digits)) return std::nullopt;
  return canonical.substr(ahead + wide.digits.size());
}

// "*.*.*" or "0614141.*.*"; nothing if the prefix is none.
std::optional<WidePattern> of_prefix(const Scheme& scheme, std::string_view prefix, bool open) {
  WidePattern wide{std::string(kOrigin).append(scheme.start), 0, {}, std::string(scheme.qualifier)};
  if (open) return wide;
  if (!all_digits(prefix) || prefix.size() < 6 || prefix.size() > 12) return std::nullopt;
  wide.any = scheme.before_prefix;
  wide.digits = std::string(prefix);
  return wide;
}

}  // namespace

std::string_view key_of_identity(std::string_view canonical) {
  const bool link = canonical.starts_with(kOrigin);
  if (!link && !canonical.starts_with(kPure)) return {};
  const auto end = canonical.find(link ? '/' : ':', link ? kOrigin.size() : kPure.size());
  return end == std::string_view::npos ? std::string_view{} : canonical.substr(0, end);
}

Identity Identity::of(std::string_view uri) {
  Identity out;
  if (auto canonical = gs1::canonical_identity(uri)) {
    out.of_class = gs1::class_of_identity(*canonical).value_or("");
    out.canonical = *std::move(canonical);
  } else {
    out.canonical = std::string(uri);
  }
  return out;
}

std::string_view Identity::key() const { return key_of_identity(canonical); }

bool WidePattern::covers_instance(std::string_view canonical) const {
  const auto rest = rest_behind(*this, canonical);
  return rest && (qualifier.empty() || rest->find(qualifier) != std::string_view::npos);
}

bool WidePattern::covers_class(std::string_view canonical) const {
  const auto rest = rest_behind(*this, canonical);
  return rest && rest->find('/') == std::string_view::npos;
}

Status IdentityPatterns::add(std::string_view text) {
  if (!is_uri_like(text)) return fail(Errc::kUsage, std::string(text.substr(0, 80)) + " is no URI");
  if (text.starts_with(kPattern)) return add_pattern(text, text.substr(kPattern.size()));
  exact_.insert(Identity::of(text).canonical);
  return {};
}

Status IdentityPatterns::add_pattern(std::string_view text, std::string_view pattern) {
  const auto colon = pattern.find(':');
  if (colon == std::string_view::npos) return bad_pattern(text);
  const auto name = pattern.substr(0, colon);
  const auto parts = parts_of(pattern.substr(colon + 1));
  std::size_t open = 0;  // parts at the end that are '*'
  while (open < parts.size() && parts[parts.size() - 1 - open] == "*") ++open;
  if (std::ranges::count(parts, "*") != static_cast<std::ptrdiff_t>(open)) return bad_pattern(text);
  const std::string pure = std::string(kPure).append(pattern);
  if (std::ranges::find(kOtherSchemes, name) != kOtherSchemes.end()) {
    if (open == 0) exact_.insert(pure);
    else wide_.push_back({pure.substr(0, pure.find('*')), 0, {}, {}});
    return {};
  }
  const auto scheme = std::ranges::find(kSchemes, name, &Scheme::name);
  if (scheme == kSchemes.end() || parts.size() != scheme->parts) return bad_pattern(text);
  if (const std::size_t said = parts.size() - open; said <= 1 && open > 0) {
    const auto wide = of_prefix(*scheme, parts[0], said == 0);
    if (!wide) return bad_pattern(text);
    wide_.push_back(*wide);
    return {};
  }
  // At most the serial is open: an instance, or a class whose instances the canonical form knows. A place is found by
  // the one without extension.
  const bool place = open == 1 && name == "sgln";
  std::string whole = open == 0 ? pure : std::string(text);
  if (place) whole = pure.substr(0, pure.size() - 1) + "0";
  const auto canonical = open <= 1 ? gs1::canonical_identity(whole) : std::nullopt;
  if (!canonical) return bad_pattern(text);
  if (place) wide_.push_back({*canonical, 0, {}, {}});
  else exact_.insert(*canonical);
  return {};
}

bool IdentityPatterns::cover_instance(const Identity& identity) const {
  return exact_.contains(identity.canonical) ||
         (!identity.of_class.empty() && exact_.contains(identity.of_class)) ||
         std::ranges::any_of(wide_, [&](const WidePattern& wide) {
           return wide.covers_instance(identity.canonical);
         });
}

bool IdentityPatterns::cover_class(const Identity& identity) const {
  return exact_.contains(identity.canonical) ||
         std::ranges::any_of(
             wide_, [&](const WidePattern& wide) { return wide.covers_class(identity.canonical); });
}

}  // namespace lotmark::epcis
