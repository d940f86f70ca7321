#include <algorithm>
#include <array>
#include <optional>

#include "core/gs1/link.h"
#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

// Of version 1.2 and before, in the order of the names.
struct NamedAi {
  std::string_view name;
  std::string_view ai;
};
constexpr auto kNamedAis = std::to_array<NamedAi>(
    {{"cpid", "8010"}, {"cpsn", "8011"}, {"cpv", "22"},    {"gcn", "255"},    {"gdti", "253"},
     {"giai", "8004"}, {"ginc", "401"},  {"gln", "414"},   {"glnx", "254"},   {"gmn", "8013"},
     {"grai", "8003"}, {"gsin", "402"},  {"gsrn", "8018"}, {"gsrnp", "8017"}, {"gtin", "01"},
     {"itip", "8006"}, {"lot", "10"},    {"party", "417"}, {"refno", "8020"}, {"ser", "21"},
     {"srin", "8019"}, {"sscc", "00"}});

constexpr std::string_view kUriPunctuation = "-._~:/?#[]@!$&'()*+,;=%";
constexpr std::string_view kNotInHost = "_~?#@!$&'()*+,;=%";

Error no_uri(std::string text) { return fail(Errc::kUsage, std::move(text)); }

bool in_uri(char c) {
  return in_set(CharSet::kSet82, c) ? c != '"' && c != '<' && c != '>'
                                    : kUriPunctuation.find(c) != std::string_view::npos && c != 0;
}

// Numbers as they are; names as numbers where they are let pass. Empty for neither.
std::string_view ai_of_segment(std::string_view segment, LinkLeniency leniency) {
  if (find_ai(segment) != nullptr) return segment;
  if (!leniency.names) return {};
  const auto named = std::ranges::find(kNamedAis, segment, &NamedAi::name);
  return named == kNamedAis.end() ? std::string_view{} : named->ai;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> all;
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    all.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

Result<AiValue> read_value(std::string_view ai, std::string_view sent, LinkLeniency leniency) {
  auto value = http::percent_decode(sent);
  if (!value) return no_uri("AI " + std::string(ai) + " has a % without two hex digits");
  if (value->empty()) return no_uri("AI " + std::string(ai) + " has no value");
  const std::size_t n = value->size();
  if (leniency.short_gtin && ai == "01" && (n == 8 || n == 12 || n == 13)) {
    value->insert(0, 14 - n, '0');
  }
  return AiValue{std::string(ai), std::move(*value)};
}

// From the end, pair by pair, up to the first key: what stands before it is the way to the resolver.
Status read_segments(std::string_view path, LinkLeniency leniency, Link& link) {
  const auto all = segments(path);
  std::size_t at = all.size();
  std::string_view ai;
  for (;;) {
    if (at < 2) return no_uri("no key of GS1 with its value at the end of the path");
    at -= 2;
    ai = ai_of_segment(all[at], leniency);
    if (ai.empty()) return no_uri("no key of GS1 with known qualifiers at the end of the path");
    if (find_ai(ai)->key) break;
  }
  const auto key_begins = static_cast<std::size_t>(all[at].data() - path.data());
  link.stem += path.substr(0, key_begins - 1);
  LM_ASSIGN(link.key, read_value(ai, all[at + 1], leniency));
  for (at += 2; at < all.size(); at += 2) {
    LM_ASSIGN(auto value, read_value(ai_of_segment(all[at], leniency), all[at + 1], leniency));
    link.qualifiers.push_back(std::move(value));
  }
  return {};
}

// One parameter: digits are an identifier with a value, anything else is not ours.
Status read_parameter(std::string_view parameter, LinkLeniency leniency, Link& link) {
  const auto equals = std::min(parameter.find('='), parameter.size());
  const std::string_view name = parameter.substr(0, equals);
  const bool number = !name.empty() &&
                      std::ranges::all_of(name, [](char c) { return in_set(CharSet::kDigits, c); });
  if (!number) {
    link.others.emplace_back(parameter);
    return {};
  }
  if (find_ai(name) == nullptr) {
    return no_uri("AI " + std::string(name.substr(0, 8)) + " of the query does not exist");
  }
  std::string sent(parameter.substr(std::min(equals + 1, parameter.size())));
  std::ranges::replace(sent, '+', ' ');
  LM_ASSIGN(auto value, read_value(name, sent, leniency));
  link.attributes.push_back(std::move(value));
  return {};
}

Status read_parameters(std::string_view query, LinkLeniency leniency, Link& link) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (link.attributes.size() >= kLinkAisMax || link.others.size() >= kLinkOthersMax) {
      return fail(Errc::kTooLarge, "a link of more than 64 identifiers or other parameters");
    }
    if (end > 0) LM_TRY(read_parameter(query.substr(0, end), leniency, link));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

// `link` has what stands before the path as its stem.
Result<Link> read_rest(Link link, std::string_view path, std::string_view query,
                       LinkLeniency leniency) {
  LM_TRY(read_segments(path, leniency, link));
  LM_TRY(read_parameters(query, leniency, link));
  LM_TRY(judge(link, leniency.check_digits ? CheckDigits::kIgnored : CheckDigits::kJudged));
  return link;
}

// Bytes of scheme and "://"; 0 for any other.
std::size_t scheme_size(std::string_view uri) {
  for (const std::string_view scheme : {"https://", "http://", "HTTPS://", "HTTP://"}) {
    if (uri.starts_with(scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

Result<Link> read_link_path(std::string_view path, std::string_view query, LinkLeniency leniency) {
  if (path.size() + query.size() > kLinkMax)
    return fail(Errc::kTooLarge, "a link of over 8192 bytes");
  const bool path_right = std::ranges::all_of(path, in_uri);
  if (!path_right || !std::ranges::all_of(query, in_uri) ||
      path.find_first_of("?#") != std::string_view::npos || query.find('#') != query.npos) {
    return no_uri("a character must be percent-encoded (RFC 3986 section 2)");
  }
  if (!path.starts_with('/')) return no_uri("a path begins with a slash");
  return read_rest({}, path, query, leniency);
}

Result<Link> read_link(std::string_view uri, LinkLeniency leniency) {
  if (uri.size() > kLinkMax) return fail(Errc::kTooLarge, "a link of over 8192 bytes");
  if (!std::ranges::all_of(uri, in_uri)) {
    return no_uri("a character must be percent-encoded (RFC 3986 section 2)");
  }
  const auto scheme = scheme_size(uri);
  if (scheme == 0) return no_uri("the scheme is http or https, all lower or all upper case");
  uri = uri.substr(0, uri.find('#'));
  const auto slash = uri.find('/', scheme);
  if (slash == std::string_view::npos || slash == scheme) return no_uri("no host and path");
  const auto host = uri.substr(scheme, slash - scheme);
  if (host.find_first_of(kNotInHost) != std::string_view::npos) {
    return no_uri("the host has a character that no host has");
  }
  const auto mark = std::min(uri.find('?', slash), uri.size());
  Link link;
  link.stem = uri.substr(0, slash);
  return read_rest(std::move(link), uri.substr(slash, mark - slash),
                   uri.substr(std::min(mark + 1, uri.size())), leniency);
}

}  // namespace lotmark::gs1
