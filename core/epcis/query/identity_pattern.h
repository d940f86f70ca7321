// What the MATCH_ parameters ask of an identifier (EPCIS 2.0 section 8.2.7.1.1): a URI equals it, or a pure identity
// pattern (urn:epc:idpat:..., Tag Data Standard section 8) covers it. Both are looked at in the canonical form, so that
// an EPC URN finds what was sent as a Digital Link, and the other way.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lotmark::epcis {

// An identifier of an event.
struct Identity {
  std::string canonical;  // or the text itself, where GS1 has no canonical form for it
  std::string of_class;   // of an instance: its class; empty if there is none

  static Identity of(std::string_view uri);
  // "https://id.gs1.org/01" or "urn:epc:id:gid": what kind of key it is. Empty for other URIs.
  std::string_view key() const;
};
std::string_view key_of_identity(std::string_view canonical);

// A pattern that leaves more open than the serial of a class: "urn:epc:idpat:sscc:0614141.*". A company prefix is looked
// for among the digits of the key, since a Digital Link does not say where its prefix ends.
struct WidePattern {
  std::string start;      // of the canonical form
  std::size_t any = 0;    // characters then left open: the indicator or extension digit
  std::string digits;     // then these
  std::string qualifier;  // "/21/" somewhere behind, in an instance; empty: not looked for

  bool covers_instance(std::string_view canonical) const;
  bool covers_class(std::string_view canonical) const;
};

class IdentityPatterns {
 public:
  // usage if it is neither a URI nor a pattern, or a pattern of an unknown form.
  Status add(std::string_view text);

  // For lists of instances (MATCH_epc and kin). A class, as a URN pattern or as the Digital Link of a GTIN, covers its
  // instances.
  bool cover_instance(const Identity& identity) const;
  // For lists of classes and quantities (MATCH_epcClass and kin): a GTIN is not the class of its lots.
  bool cover_class(const Identity& identity) const;

  const std::set<std::string, std::less<>>& exact() const { return exact_; }
  const std::vector<WidePattern>& wide() const { return wide_; }

 private:
  Status add_pattern(std::string_view text, std::string_view pattern);
  std::set<std::string, std::less<>> exact_;
  std::vector<WidePattern> wide_;
};

}  // namespace lotmark::epcis
