// GS1 Digital Link URIs with every key, qualifier and attribute (GS1 Digital Link Standard: URI Syntax, 1.3 and later;
// the identifiers by core/gs1/ai.h). Pure functions of their text; any thread.
//
//   https://shop.example/way/01/09521141123454/10/L-7/21/42?17=281231&linkType=gs1:pip
//   |          stem         | key             | qualifiers  | attribute | other
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/gs1/ai.h"

namespace lotmark::gs1 {

inline constexpr std::size_t kLinkMax = 8192;      // bytes of a URI, or of path and query
inline constexpr std::size_t kLinkAisMax = 64;     // identifiers of one link
inline constexpr std::size_t kLinkOthersMax = 64;  // other parameters of its query
inline constexpr std::string_view kCanonicalStem = "https://id.gs1.org";

struct Link {
  std::string stem;  // as sent, scheme and host included where there are any; no slash at its end
  AiValue key;
  std::vector<AiValue> qualifiers;  // in the order of the table
  std::vector<AiValue> attributes;  // in the order of the query
  std::vector<std::string>
      others;  // parameters that are not GS1's, as sent: "linkType=gs1:pip", "x"
  bool operator==(const Link&) const = default;
};

// What a reader lets pass beyond the standard in force.
struct LinkLeniency {
  // GTIN-8, -12 and -13 in 01, which are padded to 14 digits: links made before version 1.1.
  bool short_gtin = false;
  // "gtin", "lot", "ser" and so on for 01, 10, 21: taken out in version 1.3.
  bool names = false;
  // Wrong check digits: for comparing what was written, never for taking it as true.
  bool check_digits = false;
};

// A whole URI. A fragment is read over. usage for what is no link, naming the place; else as judge() has it. Stricter
// than a browser: what RFC 3986 does not let stand in a URI, a '%' without hex digits and a slash at the end are
// refused, and a '+' in the query is a space, which no value may hold.
Result<Link> read_link(std::string_view uri, LinkLeniency leniency = {});
// A request: path and query as sent, percent-encoded; the query without '?'. The stem is the way before the key.
Result<Link> read_link_path(std::string_view path, std::string_view query = {},
                            LinkLeniency leniency = {});
// `path` without its last slash, if it has one and is more than that: a resolver reads "/01/G/" as "/01/G" (GS1
// Conformant Resolver 1.2), the syntax has no such form.
std::string_view without_last_slash(std::string_view path);

// Of a link put together by a program: the key is one, its qualifiers are of one alternative and in order, attributes
// may be attributes and do not belong into the path, nothing is named twice, and every value keeps its rules.
Status judge(const Link& link, CheckDigits check_digits = CheckDigits::kJudged);

// Of links that judge() lets pass. Values are encoded but for unreserved characters (RFC 3986 section 2.3).
std::string link_path(const Link& link);   // "/01/09521141123454/10/L-7"
std::string link_query(const Link& link);  // "17=281231&linkType=gs1:pip", empty for none
// Stem, path and query as they are in `link`.
std::string link_uri(const Link& link);
// "https://id.gs1.org/01/...?17=281231": the one form of it, without what is not GS1's.
std::string canonical_link(const Link& link);

// Key, qualifiers and attributes in a row, and back: the first key leads, of its qualifiers' alternatives the one that
// takes most, the others are attributes. As judge() refuses.
std::vector<AiValue> elements_of(const Link& link);
Result<Link> link_of_elements(std::span<const AiValue> elements);

}  // namespace lotmark::gs1
