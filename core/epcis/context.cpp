#include "core/epcis/context.h"

#include <algorithm>
#include <array>

namespace lotmark::epcis {

namespace {

constexpr std::size_t kPrefixesMax = 64;
constexpr std::size_t kPrefixTextMax = 512;

// What GS1's published context defines beside its terms.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOwn = {{
    {"cbv", "https://ref.gs1.org/cbv/"},
    {"cbvmda", "urn:epcglobal:cbv:mda:"},
    {"dcterms", "http://purl.org/dc/terms/"},
    {"epcis", "https://ref.gs1.org/epcis/"},
    {"gs1", "https://gs1.org/voc/"},
    {"owl", "http://www.w3.org/2002/07/owl#"},
    {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
    {"xsd", "http://www.w3.org/2001/XMLSchema#"},
}};

bool is_gs1(std::string_view url) {
  return url == kContextUrl || url == "https://gs1.github.io/EPCIS/epcis-context.jsonld" ||
         url == "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";
}

}  // namespace

Result<Context> Context::read(const Json& context) { return Context().with(context); }

Result<Context> Context::with(const Json& context) const {
  Context out = *this;
  if (!context.is_array()) {
    LM_TRY(out.add(context));
    return out;
  }
  if (context.size() > kPrefixesMax) return fail(Errc::kUsage, "@context has more than 64 parts");
  for (const auto& part : context) LM_TRY(out.add(part));
  return out;
}

Status Context::add(const Json& part) {
  if (part.is_object()) return add_map(part);
  if (!part.is_string()) return fail(Errc::kUsage, "@context is a text, a map or a list of these");
  const auto& url = part.get_ref<const std::string&>();
  if (is_gs1(url)) return {};
  return fail(Errc::kUsage, "@context " + url.substr(0, 200) +
                                " is not known here: GS1's and maps of prefixes are");
}

Status Context::add_map(const Json& map) {
  for (const auto& [prefix, value] : map.items()) {
    if (prefix.starts_with('@')) {
      return fail(Errc::kUsage,
                  "@context: " + prefix.substr(0, 80) + " is not accepted, only prefixes are");
    }
    const Json* iri = &value;
    if (value.is_object() && value.contains("@id")) iri = &value["@id"];
    // The datatype of a property, named in full: nothing that a name's meaning hangs on.
    else if (value.is_object() && value.contains("@type") && prefix.find(':') != std::string::npos)
      continue;
    if (!iri->is_string())
      return fail(Errc::kUsage,
                  "@context: the namespace of " + prefix.substr(0, 80) + " is no text");
    const auto& text = iri->get_ref<const std::string&>();
    if (text.find(':') == std::string::npos || text.size() > kPrefixTextMax ||
        prefix.size() > kPrefixTextMax || prefix.empty()) {
      return fail(Errc::kUsage, "@context: the namespace of " + prefix.substr(0, 80) +
                                    " is no absolute URI of at most 512 bytes");
    }
    prefixes_.insert_or_assign(prefix, text);
    if (prefixes_.size() > kPrefixesMax)
      return fail(Errc::kUsage, "@context defines more than 64 prefixes");
  }
  return {};
}

std::optional<std::string> Context::space_of(std::string_view prefix) const {
  if (const auto found = prefixes_.find(prefix); found != prefixes_.end()) return found->second;
  const auto own = std::ranges::find(kOwn, prefix, [](const auto& row) { return row.first; });
  if (own != kOwn.end()) return std::string(own->second);
  return std::nullopt;
}

std::optional<ExpandedName> Context::expand(std::string_view name) const {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view rest = name.substr(colon + 1);
  if (!rest.starts_with("//")) {
    if (auto space = space_of(name.substr(0, colon)))
      return ExpandedName{*std::move(space), std::string(rest)};
    if (name.substr(0, colon) != "urn") return std::nullopt;
  }
  const auto cut = name.find_last_of("#/:");
  if (cut + 1 == name.size()) return std::nullopt;
  return ExpandedName{std::string(name.substr(0, cut + 1)), std::string(name.substr(cut + 1))};
}

Json context_of(const Context::Prefixes& prefixes) {
  Json out = Json::array({kContextUrl});
  if (prefixes.empty()) return out;
  Json map = Json::object();
  for (const auto& [prefix, space] : prefixes) {
    // JSON-LD 1.1 section 4.1.5 takes a plain term for a prefix only if it ends so, and lets none with a colon or slash
    // be one.
    const bool plain =
        space.empty() || std::string_view(":/?#[]@").find(space.back()) != std::string_view::npos;
    const bool no_prefix = prefix.find_first_of(":/") != std::string::npos;
    map[prefix] = plain || no_prefix ? Json(space) : Json{{"@id", space}, {"@prefix", true}};
  }
  out.push_back(std::move(map));
  return out;
}

}  // namespace lotmark::epcis
