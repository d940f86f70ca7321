// Namespaces: of the XML being read (Namespaces in XML 1.0), and the prefixes they get in the JSON.
#pragma once

#include <map>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::epcis::xml {

// A name taken apart. The views last as long as the document.
struct Name {
  std::string_view prefix;  // as written; empty for none
  std::string_view space;   // empty for none
  std::string_view local;
};

// For refusals: the first 80 bytes, in whole characters.
std::string shown(std::string_view name);

// Whether `space` is that of EPCIS itself, of events or of queries, 1.0 to 2.0.
bool is_epcis(std::string_view space);

class Names {
 public:
  // The declarations of an element hold from enter() to leave(), which are called in pairs. An error declares nothing,
  // and no leave() follows it.
  Status enter(const pugi::xml_node& element);
  void leave(const pugi::xml_node& element);

  // usage for a prefix that is not declared here and for a name with two colons. A name without prefix has the default
  // namespace if it is an element's, and none if it is an attribute's.
  Result<Name> of_element(std::string_view written) const;
  Result<Name> of_attribute(std::string_view written) const;

  // "prefix:local", a URI by its form as EPCIS 2.0 asks of what is not its own. A namespace has one prefix in the whole
  // document: GS1's if it is one that GS1's context names, else the first it is met with, unless that already means
  // something else or cannot begin a URI. Characters that no URI has are percent-encoded. usage for a namespace that is
  // no absolute URI of at most 512 bytes, too-large for the 65th.
  Result<std::string> property(const Name& name);

  // GS1's address, and the map of prefixes given out if there are any.
  Json context() const;

 private:
  Result<Name> resolve(std::string_view written, bool takes_default) const;
  Result<std::string> prefix_of(const Name& name);
  std::string free_prefix(std::string_view wanted) const;

  std::map<std::string_view, std::vector<std::string_view>>
      declared_;  // by prefix, the innermost last
  std::map<std::string, std::string, std::less<>> prefix_by_space_;
  Context::Prefixes space_by_prefix_;
};

}  // namespace lotmark::epcis::xml
