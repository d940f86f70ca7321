#include "core/gs1/identity.h"

#include "core/gs1/epc_uri.h"

namespace lotmark::gs1 {

namespace {

// For reading what was written, not for judging it.
constexpr LinkLeniency kAsWritten{.short_gtin = true, .names = true, .check_digits = true};

// Digits of the class in a key whose end is a serial; 0 for other keys.
std::size_t class_digits(std::string_view key) {
  if (key == "8003") return 14;
  return key == "253" || key == "255" ? 13 : 0;
}

bool has_class(std::string_view key) { return key == "01" || key == "8006" || key == "8010"; }

}  // namespace

std::string identity_of(const Link& link) {
  Link finest;
  finest.key = link.key;
  for (const AiValue& q : link.qualifiers) {
    const bool nothing = q.ai == "22" || (q.ai == "254" && q.value == "0");
    if (!nothing) finest.qualifiers = {q};  // the last is the finest
  }
  return canonical_link(finest);
}

std::optional<Link> link_of_identity(std::string_view uri) {
  if (uri.starts_with("urn:")) {
    auto link = link_of_urn(uri);
    return link ? std::optional(*std::move(link)) : std::nullopt;
  }
  if (uri.size() > kLinkMax) return std::nullopt;
  uri = without_last_slash(uri.substr(0, uri.find_first_of("?#")));
  auto link = read_link(uri, kAsWritten);
  return link ? std::optional(*std::move(link)) : std::nullopt;
}

std::optional<std::string> canonical_identity(std::string_view uri) {
  const auto link = link_of_identity(uri);
  return link ? std::optional(identity_of(*link)) : std::nullopt;
}

std::optional<std::string> class_of_identity(std::string_view canonical) {
  const auto link = read_link(canonical, kAsWritten);
  if (!link || identity_of(*link) != canonical) return std::nullopt;
  Link above;
  above.key = link->key;
  if (const auto digits = class_digits(above.key.ai); digits > 0) above.key.value.resize(digits);
  else if (!has_class(above.key.ai)) return std::nullopt;
  std::string text = identity_of(above);
  return text == canonical ? std::nullopt : std::optional(std::move(text));
}

}  // namespace lotmark::gs1
