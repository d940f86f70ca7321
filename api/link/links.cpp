#include "api/link/links.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/http/message.h"

namespace lotmark::link {

namespace {

// GS1 Web Vocabulary 1.19, link types, in their order.
constexpr auto kLinkTypes = std::to_array<std::string_view>({"activityIdeas",
                                                             "allergenInfo",
                                                             "appDownload",
                                                             "backgroundInfo",
                                                             "brandHomepageClinical",
                                                             "brandHomepagePatient",
                                                             "careersInfo",
                                                             "certificationInfo",
                                                             "consumerHandlingStorageInfo",
                                                             "dpp",
                                                             "eifu",
                                                             "epcis",
                                                             "epil",
                                                             "eventsInfo",
                                                             "faqs",
                                                             "handledBy",
                                                             "hasRetailers",
                                                             "homepage",
                                                             "ingredientsInfo",
                                                             "instructions",
                                                             "jws",
                                                             "leaveReview",
                                                             "locationInfo",
                                                             "logisticsInfo",
                                                             "loyaltyProgram",
                                                             "masterData",
                                                             "menuInfo",
                                                             "nutritionalInfo",
                                                             "openingHoursInfo",
                                                             "paymentLink",
                                                             "pip",
                                                             "productSustainabilityInfo",
                                                             "promotion",
                                                             "purchaseSuppliesOrAccessories",
                                                             "quickStartGuide",
                                                             "recallStatus",
                                                             "recipeInfo",
                                                             "registerProduct",
                                                             "registryEntry",
                                                             "relatedImage",
                                                             "relatedVideo",
                                                             "reportFound",
                                                             "review",
                                                             "safetyInfo",
                                                             "scheduleTime",
                                                             "serviceInfo",
                                                             "smartLabel",
                                                             "smpc",
                                                             "socialMedia",
                                                             "statisticInfo",
                                                             "subscribe",
                                                             "support",
                                                             "sustainabilityInfo",
                                                             "traceability",
                                                             "tutorial",
                                                             "userAgreement",
                                                             "verificationService",
                                                             "whatsInTheBox"});

// Names that stand for identifiers in an href.
struct NamedPlace {
  std::string_view name;
  std::string_view ai;
};
constexpr auto kPlaces = std::to_array<NamedPlace>({{"cpv", "22"},
                                                    {"gln", "414"},
                                                    {"gtin", "01"},
                                                    {"lot", "10"},
                                                    {"serial", "21"},
                                                    {"sscc", "00"}});

constexpr std::size_t kPrefixDigitsMin = 4;
constexpr std::size_t kPrefixDigitsMax = 13;
constexpr std::string_view kSchemes[] = {"https://", "http://"};

bool alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The identifier of a place's name; empty for none that may stand in a path.
std::string_view ai_of_place(std::string_view name) {
  const auto named = std::ranges::find(kPlaces, name, &NamedPlace::name);
  if (named != kPlaces.end()) return named->ai;
  return gs1::find_ai(name) != nullptr ? name : std::string_view{};
}

// Null if the path of `asked` does not hold it.
const std::string* value_in_path(const gs1::Link& asked, std::string_view ai) {
  if (asked.key.ai == ai) return &asked.key.value;
  const auto found = std::ranges::find(asked.qualifiers, ai, &gs1::AiValue::ai);
  return found == asked.qualifiers.end() ? nullptr : &found->value;
}

// Calls text(part) and place(name) by turns for the parts of an href whose braces are paired.
template <class Text, class Place>
void for_parts(std::string_view href, Text&& text, Place&& place) {
  while (!href.empty()) {
    const auto open = std::min(href.find('{'), href.size());
    text(href.substr(0, open));
    href.remove_prefix(open);
    if (href.empty()) return;
    const auto close = href.find('}');
    place(href.substr(1, close - 1));
    href.remove_prefix(close + 1);
  }
}

std::string_view fault_of_host(std::string_view authority) {
  if (authority.empty() || authority.front() == ':') return "names no host";
  if (authority.find('@') != std::string_view::npos) return "names a user before the host";
  const bool plain = std::ranges::all_of(authority, [](char c) {
    return alphanumeric(c) || std::string_view("-.:[]").find(c) != std::string_view::npos;
  });
  return plain ? "" : "has a character in its host that no host has";
}

// Of the part behind the host.
std::string fault_of_rest(std::string_view rest) {
  constexpr std::string_view kPunctuation = "-._~:/?#[]@!$&'()*+,;=%";
  bool fragment = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '{') {
      const auto close = rest.find('}', i);
      if (close == std::string_view::npos) return "has a { without }";
      const auto name = rest.substr(i + 1, close - i - 1);
      if (ai_of_place(name).empty())
        return "names a value that is none: {" + std::string(name) + "}";
      i = close;
      continue;
    }
    const bool known =
        alphanumeric(rest[i]) || kPunctuation.find(rest[i]) != std::string_view::npos;
    if (!known) return "has a character that must be percent-encoded";
    if (rest[i] == '#' && std::exchange(fragment, true)) return "has two #";
    const bool escape =
        rest[i] != '%' || (i + 2 < rest.size() && hex_digit(rest[i + 1]) && hex_digit(rest[i + 2]));
    if (!escape) return "has a % without two hex digits";
  }
  return "";
}

}  // namespace

std::optional<std::string> whole_type(std::string_view type) {
  if (type.size() > kTitleMax) return std::nullopt;
  const auto is_name = [](std::string_view s) {
    return !s.empty() && std::ranges::all_of(s, alphanumeric);
  };
  for (const std::string_view space :
       {std::string_view("gs1:"), kVoc, std::string_view("https://gs1.org/voc/"),
        std::string_view("https://www.gs1.org/voc/")}) {
    if (!type.starts_with(space)) continue;
    const auto name = type.substr(space.size());
    return is_name(name) ? std::optional(std::string(kVoc).append(name)) : std::nullopt;
  }
  // As keys of a linkset have them (GS1's schema of linksets): letters, digits, dots and slashes.
  const auto plain = [](char c) { return alphanumeric(c) || c == '.' || c == '/'; };
  for (const auto scheme : kSchemes) {
    const auto rest = type.substr(std::min(scheme.size(), type.size()));
    if (type.starts_with(scheme) && alphanumeric(rest.empty() ? '/' : rest.front()) &&
        std::ranges::all_of(rest, plain)) {
      return std::string(type);
    }
  }
  return std::nullopt;
}

bool is_gs1_link_type(std::string_view name) {
  return std::ranges::binary_search(kLinkTypes, name);
}

std::string fault_of_href(std::string_view href) {
  if (href.size() > kHrefMax) return "is above 2000 bytes";
  std::size_t host = 0;
  for (const auto scheme : kSchemes) {
    if (href.starts_with(scheme)) host = scheme.size();
  }
  if (host == 0) return "must begin with https:// or http://";
  const auto end = std::min(href.find_first_of("/?#", host), href.size());
  if (const auto fault = fault_of_host(href.substr(host, end - host)); !fault.empty())
    return std::string(fault);
  return fault_of_rest(href.substr(end));
}

std::optional<std::string> href_of(const Target& target, const gs1::Link& asked) {
  std::string out;
  bool whole = true;
  const auto place = [&](std::string_view name) {
    const std::string* value = value_in_path(asked, ai_of_place(name));
    if (value == nullptr || *value == "." || *value == "..") whole = false;
    else out += http::percent_encode(*value);
  };
  for_parts(
      target.href, [&](std::string_view text) { out += text; }, place);
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

// Each set of qualifiers is a number with a bit for each of them, the finest the highest: the numbers fall from the finest
// level to the key.
std::vector<Level> Links::levels(const gs1::Link& asked) const {
  std::vector<Level> found;
  gs1::Link level;
  for (std::size_t set = std::size_t{1} << asked.qualifiers.size(); set-- > 0;) {
    level = {};
    level.key = asked.key;
    for (std::size_t i = 0; i < asked.qualifiers.size(); ++i) {
      if ((set >> i & 1) != 0) level.qualifiers.push_back(asked.qualifiers[i]);
    }
    std::string path = gs1::link_path(level);
    if (const auto at = by_path_.find(path); at != by_path_.end())
      found.push_back({level, std::move(path), &at->second});
  }
  if (asked.key.ai != "01" || by_prefix_.empty()) return found;
  for (auto digits = kPrefixDigitsMax; digits >= kPrefixDigitsMin; --digits) {
    const auto at = by_prefix_.find(std::string_view(asked.key.value).substr(0, digits));
    if (at != by_prefix_.end()) found.push_back({level, gs1::link_path(level), &at->second});
  }
  return found;
}

std::vector<std::string> Links::contexts() const {
  std::set<std::string> all;
  for (const auto* map : {&by_path_, &by_prefix_}) {
    for (const auto& [path, targets] : *map) {
      for (const Target& t : targets) all.insert(t.contexts.begin(), t.contexts.end());
    }
  }
  return {all.begin(), all.end()};
}

}  // namespace lotmark::link
