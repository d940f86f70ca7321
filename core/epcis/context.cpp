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

// Terms of GS1's context, which is protected: they may not be defined anew (JSON-LD 1.1 section 4.1.11). With
// them schemes of the URIs that stand in events: a prefix of that name would make others of them.
constexpr auto kOwnNames = std::to_array<std::string_view>({
    // clang-format off
    "AggregationEvent", "AssociationEvent", "Collection", "EPCISDocument", "EPCISQueryDocument",
    "ObjectEvent", "TransactionEvent", "TransformationEvent", "action", "baseURL", "bizLocation",
    "bizStep", "bizTransactionList", "cbv", "cbvmda", "certificationInfo", "childEPCs",
    "childQuantityList", "children", "creationDate", "data", "dcterms", "destinationList", "did",
    "disposition", "epcClass", "epcList", "epcis", "epcisBody", "epcisHeader",
    "errorDeclaration", "eventID", "eventList", "eventTime", "eventTimeZoneOffset", "geo", "gs1",
    "http", "https", "id", "ilmd", "inputEPCList", "inputQuantityList", "instanceIdentifier",
    "mailto", "masterData", "member", "ni", "outputEPCList", "outputQuantityList", "owl",
    "parentID", "persistentDisposition", "quantity", "quantityList", "queryName", "queryResults",
    "rdfs", "readPoint", "receiver", "recordTime", "resultsBody", "schemaVersion", "sender",
    "sensorElementList", "sourceList", "subscriptionID", "tag", "tel", "transformationID",
    "type", "uom", "urn", "vocabularyList", "xsd"
    // clang-format on
});
static_assert(std::ranges::is_sorted(kOwnNames));

// Of a prefix that GS1's context has.
std::optional<std::string_view> own_space(std::string_view prefix) {
  const auto own = std::ranges::find(kOwn, prefix, [](const auto& row) { return row.first; });
  return own == kOwn.end() ? std::nullopt : std::optional(own->second);
}

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
    if (value.is_object() && value.value("@prefix", Json(true)) == false)
      continue;  // a name, no prefix
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

Status Context::check_names() const {
  for (const auto& [prefix, space] : prefixes_) {
    if (is_own_name(prefix) && !own_space(prefix))
      return fail(Errc::kUsage, "@context: " + prefix.substr(0, 80) +
                                    " is EPCIS's own name, or a scheme: call the prefix otherwise");
    const auto colon = space.find(':');
    if (!space.substr(colon + 1).starts_with("//") && space_of(space.substr(0, colon)))
      return fail(Errc::kUsage, "@context: the namespace of " + prefix.substr(0, 80) +
                                    " begins with another prefix: give it in full");
  }
  return {};
}

bool redefines_own(const Context::Prefixes& prefixes) {
  return std::ranges::any_of(prefixes, [](const auto& entry) {
    return is_own_name(entry.first) && own_space(entry.first) != entry.second;
  });
}

bool is_own_name(std::string_view name) { return std::ranges::binary_search(kOwnNames, name); }

std::optional<std::string> Context::space_of(std::string_view prefix) const {
  if (const auto found = prefixes_.find(prefix); found != prefixes_.end()) return found->second;
  const auto own = own_space(prefix);
  return own ? std::optional(std::string(*own)) : std::nullopt;
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
