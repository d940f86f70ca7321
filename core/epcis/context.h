// The JSON-LD @context of EPCIS documents and events, as far as the standard allows it: GS1's own context by its
// address, and maps of prefixes to namespaces (EPCIS 2.0 section 10.1). Nothing is fetched.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lotmark::epcis {

using Json = nlohmann::json;

inline constexpr std::string_view kContextUrl =
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

// A property's name taken apart: "example:myField" with example = "https://ns.example/epcis/" is that namespace and
// "myField".
struct ExpandedName {
  std::string space;
  std::string local;
  bool operator==(const ExpandedName&) const = default;
};

class Context {
 public:
  using Prefixes = std::map<std::string, std::string, std::less<>>;

  // GS1's context alone.
  Context() = default;

  // `context`: a text, a map, or a list of these. usage, saying which part, for a context that is neither GS1's (by
  // either of its published addresses) nor a map of prefixes: what its terms mean would not be known here.
  static Result<Context> read(const Json& context);
  // The same on top of this one: what an event brings along inside a document.
  Result<Context> with(const Json& context) const;

  // usage for a prefix that has the name of a term of GS1's context or of a scheme, or whose namespace is written by another
  // prefix: events would mean something else. A prefix of GS1's may be another one's, as a sample of GS1's has it: see
  // redefines_own. Asked of what strangers send, not of what is kept.
  Status check_names() const;

  // Of a prefix that the maps define, or that GS1's context does (epcis, cbv, cbvmda, gs1, rdfs, owl, xsd, dcterms).
  std::optional<std::string> space_of(std::string_view prefix) const;
  // Of "prefix:local" with a known prefix, or of an absolute URI, which is cut behind its last '#', '/' or ':'. Nothing
  // for a bare word or an unknown prefix.
  std::optional<ExpandedName> expand(std::string_view name) const;

  // Prefixes of the maps alone.
  const Prefixes& prefixes() const { return prefixes_; }

 private:
  Status add(const Json& part);
  Status add_map(const Json& map);
  Prefixes prefixes_;
};

// A term or prefix of GS1's context, or a scheme of URIs that stand in events.
bool is_own_name(std::string_view name);

// Whether one of them makes something else of a name of GS1's own: no event but theirs may stand under them.
bool redefines_own(const Context::Prefixes& prefixes);

// What Context::read() takes for these prefixes: GS1's address, and a map of them if there are any. In it JSON-LD 1.1
// takes each for a prefix too.
Json context_of(const Context::Prefixes& prefixes);

}  // namespace lotmark::epcis
