#include "core/gs1/epc_uri.h"

#include <algorithm>
#include <array>

#include "core/gs1/check.h"
#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

// How a scheme's components make a key (TDS 6.3, 7).
struct EpcScheme {
  std::string_view name;
  std::string_view key;
  std::string_view qualifier;  // AI of the last component, if it is one
  std::uint8_t digits;         // of prefix and reference together; 0: the reference is text
  bool leads;                  // the first digit of the reference stands in front of the prefix
  bool appended;               // the last component is the end of the key
};
constexpr auto kEpcSchemes = std::to_array<EpcScheme>({
    {"sgtin", "01", "21", 13, true, false},
    {"upui", "01", "235", 13, true, false},
    {"lgtin", "01", "10", 13, true, false},
    {"itip", "8006", "21", 13, true, false},
    {"sscc", "00", "", 17, true, false},
    {"sgln", "414", "254", 12, false, false},
    {"pgln", "417", "", 12, false, false},
    {"grai", "8003", "", 12, false, true},
    {"gdti", "253", "", 12, false, true},
    {"sgcn", "255", "", 12, false, true},
    {"gsrn", "8018", "", 17, false, false},
    {"gsrnp", "8017", "", 17, false, false},
    {"gsin", "402", "", 16, false, false},
    {"giai", "8004", "", 0, false, false},
    {"ginc", "401", "", 0, false, false},
    {"cpi", "8010", "8011", 0, false, false},
});

constexpr std::string_view kIdUrn = "urn:epc:id:";
constexpr std::string_view kClassUrn = "urn:epc:class:";
constexpr std::string_view kPatternUrn = "urn:epc:idpat:";
constexpr std::size_t kPrefixMin = 6;
constexpr std::size_t kPrefixMax = 12;

Error no_urn(std::string text) { return fail(Errc::kUsage, std::move(text)); }

bool all_decimal(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return in_set(CharSet::kDigits, c); });
}

bool is_prefix(std::string_view s) {
  return s.size() >= kPrefixMin && s.size() <= kPrefixMax && all_decimal(s);
}

bool is_itip(const EpcScheme& s) { return s.key == "8006"; }
bool has_last(const EpcScheme& s) { return s.appended || !s.qualifier.empty(); }

// Characters that a component takes as they are; of set 82 the others are escaped (TDS 6.3.1).
bool stands_in_urn(char c) {
  return in_set(CharSet::kSet82, c) &&
         std::string_view("\"%&/<>?").find(c) == std::string_view::npos;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (stands_in_urn(c)) out += c;
    else out += http::percent_encode(std::string_view(&c, 1));
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  const bool right = std::ranges::all_of(text, [](char c) { return c == '%' || stands_in_urn(c); });
  return right ? http::percent_decode(text) : std::nullopt;
}

// Components up to the last, which keeps its dots. Nothing behind the last.
class Components {
 public:
  explicit Components(std::string_view body) : left_(body) {}
  std::optional<std::string_view> next() {
    if (!left_) return std::nullopt;
    const auto dot = left_->find('.');
    const auto part = left_->substr(0, dot);
    if (dot == std::string_view::npos) left_.reset();
    else left_->remove_prefix(dot + 1);
    return part;
  }
  std::optional<std::string_view> rest() const { return left_; }

 private:
  std::optional<std::string_view> left_;
};

// The key of digits but for what is appended: indicator, prefix, reference and check digit.
std::optional<std::string> digits_key(const EpcScheme& s, std::string_view prefix,
                                      std::string_view reference) {
  if (!all_decimal(reference) || prefix.size() + reference.size() != s.digits) return std::nullopt;
  std::string key;
  if (s.leads) key.append(reference.substr(0, 1)).append(prefix).append(reference.substr(1));
  else key.append(prefix).append(reference);
  key += mod10_digit(key);
  return s.key == "8003" ? "0" + key : key;
}

// The key as far as it is the class; `parts` stands behind it then.
std::optional<std::string> read_key(const EpcScheme& s, Components& parts) {
  const auto prefix = parts.next();
  if (!prefix || !is_prefix(*prefix)) return std::nullopt;
  const auto sent = s.digits > 0 || has_last(s) ? parts.next() : parts.rest();
  if (!sent) return std::nullopt;
  if (s.digits == 0) {
    const auto reference = unescaped(*sent);
    if (!reference || reference->empty()) return std::nullopt;
    return std::string(*prefix) + *reference;
  }
  auto key = digits_key(s, *prefix, *sent);
  if (!key || !is_itip(s)) return key;
  const auto piece = parts.next();
  const auto total = parts.next();
  if (!piece || !total || piece->size() != 2 || total->size() != 2) return std::nullopt;
  return key->append(*piece).append(*total);
}

Result<Link> read_components(const EpcScheme& s, std::string_view body, bool pattern) {
  const std::string scheme(s.name);
  Components parts(body);
  auto key = read_key(s, parts);
  if (!key) return no_urn("prefix and reference are none of the scheme " + scheme);
  Link link;
  link.key = {std::string(s.key), std::move(*key)};
  const auto last = parts.rest();
  if (!has_last(s)) {
    if (s.digits > 0 && last) return no_urn("a component too many for the scheme " + scheme);
    return link;
  }
  if (!last) return no_urn("a component too few for the scheme " + scheme);
  if (pattern) {
    if (*last != "*") return no_urn("a pattern of a class ends in .*");
    return link;
  }
  const auto serial = unescaped(*last);
  if (!serial) return no_urn("a character must be escaped (TDS 6.3.1)");
  if (serial->empty()) return no_urn("the last component is empty");
  if (s.appended) link.key.value += *serial;
  else if (s.name != "sgln" || *serial != "0")
    link.qualifiers = {{std::string(s.qualifier), *serial}};
  return link;
}

bool is_class(const EpcScheme& s) { return s.name == "lgtin"; }

// How a link's value falls apart, the way back.
struct Taken {
  std::string core;  // company prefix and reference in a row, the leading digit aside
  std::string lead;
  std::string end;  // appended serial, or piece and total
};

Taken take_apart(const EpcScheme& s, const std::string& value) {
  if (s.digits == 0) return {value, {}, {}};
  const std::size_t front = s.leads || s.key == "8003" ? 1 : 0;
  const std::size_t core = s.leads ? s.digits - 1u : s.digits;
  return {value.substr(front, core), s.leads ? value.substr(0, 1) : std::string(),
          value.substr(front + core + 1)};
}

// Empty if none is the beginning of `core`.
std::string_view longest_prefix(std::span<const std::string> prefixes, std::string_view core) {
  std::string_view best;
  for (const std::string& p : prefixes) {
    if (is_prefix(p) && core.starts_with(p) && p.size() > best.size()) best = p;
  }
  return best;
}

// The qualifier that says what is identified; 22 says nothing, and 10 nothing beside 21.
const AiValue* finest(const Link& link) {
  const AiValue* best = nullptr;
  for (const AiValue& q : link.qualifiers) {
    if (q.ai != "22") best = &q;
  }
  return best;
}

// The scheme of key and qualifier; that of the class has the same key and any qualifier.
const EpcScheme* scheme_of(std::string_view key, const AiValue* qualifier) {
  for (const EpcScheme& s : kEpcSchemes) {
    if (s.key == key && (qualifier == nullptr || s.qualifier == qualifier->ai)) return &s;
  }
  return nullptr;
}

}  // namespace

Result<Link> link_of_urn(std::string_view urn) {
  if (urn.size() > kEpcUriMax) return fail(Errc::kTooLarge, "a URN of over 512 bytes");
  const bool pattern = urn.starts_with(kPatternUrn);
  const bool of_class = urn.starts_with(kClassUrn);
  if (!pattern && !of_class && !urn.starts_with(kIdUrn)) {
    return no_urn("no EPC URN of an id, a class or a pattern");
  }
  urn.remove_prefix(pattern ? kPatternUrn.size() : of_class ? kClassUrn.size() : kIdUrn.size());
  const auto colon = std::min(urn.find(':'), urn.size());
  const auto scheme = std::ranges::find(kEpcSchemes, urn.substr(0, colon), &EpcScheme::name);
  if (colon == urn.size() || scheme == kEpcSchemes.end() || is_class(*scheme) != of_class) {
    return no_urn("no scheme of GS1's keys");
  }
  const bool of_place = scheme->name == "sgln";
  if (pattern && (!has_last(*scheme) || of_place)) return no_urn("the scheme has no classes");
  LM_ASSIGN(auto link, read_components(*scheme, urn.substr(colon + 1), pattern));
  LM_TRY(judge(link));
  return link;
}

std::optional<std::string> urn_of_link(const Link& link, std::span<const std::string> prefixes) {
  const AiValue* last = finest(link);
  const EpcScheme* s = scheme_of(link.key.ai, last);
  if (s == nullptr || !judge(link)) return std::nullopt;
  const Taken value = take_apart(*s, link.key.value);
  const auto prefix = longest_prefix(prefixes, value.core);
  if (prefix.empty() || (s->digits == 0 && value.core.size() == prefix.size())) return std::nullopt;
  std::string body(prefix);
  body += "." + value.lead + escaped(value.core.substr(prefix.size()));
  if (is_itip(*s)) body += "." + value.end.substr(0, 2) + "." + value.end.substr(2);
  std::string serial = last != nullptr ? last->value : s->appended ? value.end : std::string();
  if (s->name == "sgln" && serial.empty()) serial = "0";
  const bool pattern = has_last(*s) && serial.empty();
  if (has_last(*s)) body += pattern ? ".*" : "." + escaped(serial);
  const auto form = pattern ? kPatternUrn : is_class(*s) ? kClassUrn : kIdUrn;
  return std::string(form).append(s->name) + ":" + body;
}

}  // namespace lotmark::gs1
