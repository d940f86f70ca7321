#include "core/epcis/xml/names.h"

#include <algorithm>
#include <array>

#include "core/http/message.h"

namespace lotmark::epcis::xml {

namespace {

constexpr std::string_view kXmlSpace = "http://www.w3.org/XML/1998/namespace";
constexpr std::size_t kSpacesMax = 64;       // as many as Context reads
constexpr std::size_t kSpaceBytesMax = 512;  // likewise
constexpr std::size_t kPrefixBytesMax = 32;

// Namespaces that GS1's context has a prefix for. In XML the master data of CBV has no colon at its end.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kGiven = {{
    {"https://ref.gs1.org/cbv/", "cbv"},
    {"urn:epcglobal:cbv:mda", "cbvmda"},
    {"urn:epcglobal:cbv:mda:", "cbvmda"},
    {"http://purl.org/dc/terms/", "dcterms"},
    {"https://ref.gs1.org/epcis/", "epcis"},
    {"https://gs1.org/voc/", "gs1"},
    {"http://www.w3.org/2002/07/owl#", "owl"},
    {"http://www.w3.org/2000/01/rdf-schema#", "rdfs"},
    {"http://www.w3.org/2001/XMLSchema#", "xsd"},
}};

// "xmlns:p" declares p, "xmlns" the default, which is ""; anything else declares nothing.
std::optional<std::string_view> declares(std::string_view attribute) {
  if (attribute == "xmlns") return "";
  if (attribute.starts_with("xmlns:")) return attribute.substr(6);
  return std::nullopt;
}

// RFC 3986 section 3.1.
bool is_scheme(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text[0]) && std::ranges::all_of(text, [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '+';
  });
}

}  // namespace

std::string shown(std::string_view name) {
  std::size_t size = std::min(name.size(), std::size_t{80});
  while (size < name.size() && size > 0 && (name[size] & 0xC0) == 0x80) --size;
  return std::string(name.substr(0, size));
}

bool is_epcis(std::string_view space) {
  return space == "urn:epcglobal:epcis:xsd:1" || space == "urn:epcglobal:epcis:xsd:2" ||
         space == "urn:epcglobal:epcis-query:xsd:1" || space == "urn:epcglobal:epcis-query:xsd:2";
}

Status Names::enter(const pugi::xml_node& element) {
  for (const auto& attribute : element.attributes()) {
    const auto prefix = declares(attribute.name());
    if (!prefix) continue;
    const std::string_view space = attribute.value();
    if (*prefix == "xmlns" || (space.empty() && !prefix->empty()))
      return fail(Errc::kUsage, "a namespace is declared that XML does not allow");
  }
  for (const auto& attribute : element.attributes()) {
    if (const auto prefix = declares(attribute.name()))
      declared_[*prefix].push_back(attribute.value());
  }
  return {};
}

void Names::leave(const pugi::xml_node& element) {
  for (const auto& attribute : element.attributes()) {
    if (const auto prefix = declares(attribute.name())) declared_[*prefix].pop_back();
  }
}

Result<Name> Names::of_element(std::string_view written) const { return resolve(written, true); }
Result<Name> Names::of_attribute(std::string_view written) const { return resolve(written, false); }

Result<Name> Names::resolve(std::string_view written, bool takes_default) const {
  const auto colon = written.find(':');
  Name name{{}, {}, written};
  if (colon != std::string_view::npos) {
    name.prefix = written.substr(0, colon);
    name.local = written.substr(colon + 1);
    if (name.prefix.empty() || name.local.empty() || name.local.find(':') != std::string_view::npos)
      return fail(Errc::kUsage, "the name " + shown(written) + " has a ':' too many");
  } else if (!takes_default) {
    return name;
  }
  const auto found = declared_.find(name.prefix);
  if (found != declared_.end() && !found->second.empty()) {
    name.space = found->second.back();
  } else if (name.prefix == "xml") {
    name.space = kXmlSpace;
  } else if (!name.prefix.empty()) {
    return fail(Errc::kUsage, "the prefix " + shown(name.prefix) + " is not declared");
  }
  return name;
}

Result<std::string> Names::property(const Name& name) {
  LM_ASSIGN(std::string out, prefix_of(name));
  out += ':';
  return out += http::percent_encode(name.local);
}

Result<std::string> Names::prefix_of(const Name& name) {
  if (is_epcis(name.space)) return std::string("epcis");
  const auto given =
      std::ranges::find(kGiven, name.space, &std::pair<std::string_view, std::string_view>::first);
  if (given != kGiven.end()) return std::string(given->second);
  if (const auto known = prefix_by_space_.find(name.space); known != prefix_by_space_.end())
    return known->second;
  if (name.space.size() > kSpaceBytesMax || name.space.find(':') == std::string_view::npos) {
    return fail(Errc::kUsage, "the namespace of " + shown(name.local) +
                                  " is no absolute URI of at most 512 bytes");
  }
  if (prefix_by_space_.size() == kSpacesMax)
    return fail(Errc::kTooLarge, "extensions are of more than 64 namespaces");
  const std::string prefix = free_prefix(name.prefix);
  prefix_by_space_.emplace(name.space, prefix);
  space_by_prefix_.emplace(prefix, name.space);
  return prefix;
}

std::string Names::free_prefix(std::string_view wanted) const {
  const bool usable = is_scheme(wanted) && wanted.size() <= kPrefixBytesMax;
  const auto is_free = [&](const std::string& prefix) {
    return !space_by_prefix_.contains(prefix) && !is_own_name(prefix);
  };
  const std::string stem = usable ? std::string(wanted) : "ns";
  if (usable && is_free(stem)) return stem;
  for (std::size_t n = usable ? 2 : 1;; ++n) {
    if (auto prefix = stem + std::to_string(n); is_free(prefix)) return prefix;
  }
}

Json Names::context() const { return context_of(space_by_prefix_); }

}  // namespace lotmark::epcis::xml
