// Texts that have several spellings, brought to one, so that what a query says equals what an event says: words of the
// Core Business Vocabulary, names of extension fields, locations and other identified things. Pure functions of their
// arguments; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::epcis {

// What a text names, and so which spellings are equal.
enum class Spelling : std::uint8_t {
  kPlain,      // no other spelling than its own
  kIdentity,   // an EPC URN and a Digital Link of one identity (gs1::canonical_identity)
  kEventType,  // ObjectEvent, https://ref.gs1.org/epcis/ObjectEvent
  kBizStep,  // shipping, urn:epcglobal:cbv:bizstep:shipping, https://ref.gs1.org/cbv/BizStep-shipping
  kDisposition,      // in_transit, ...:disp:in_transit, .../cbv/Disp-in_transit
  kTransactionType,  // po, ...:btt:po, .../cbv/BTT-po
  kPartyType,        // owning_party, ...:sdt:owning_party, .../cbv/SDT-owning_party
  kErrorReason,      // did_not_occur, ...:er:did_not_occur, .../cbv/ER-did_not_occur
  kMeasurement,      // Temperature, gs1:Temperature, https://gs1.org/voc/Temperature
  kHex,              // xsd:hexBinary: letters of either case
};

// The one spelling: the bare word for a standard value, the full URI for another whose prefix `context` defines, else
// the text itself.
std::string spelled(std::string_view text, Spelling spelling, const Context& context);

// What an event says: the one spelling, and for a prefixed name also the name as written, which a query without a
// context says.
std::vector<std::string> spellings(std::string_view text, Spelling spelling,
                                   const Context& context);

// Letters, digits and underscores: how a standard value is written.
bool is_bare_word(std::string_view text);
// A URI as far as a query needs one: a scheme, a colon, something behind it, no space and no control character.
bool is_uri_like(std::string_view text);

// An extension field's name. `written` is "example:myField"; `full` joins namespace and local name by one '/', whatever
// the namespace ends with ("https://ns.example/epcis", ".../epcis/", ".../epcis#": one name). Either may be empty.
struct FieldName {
  std::string written;
  std::string full;

  // Whether a query's name asks for an event's.
  bool asks_for(const FieldName& field) const {
    return (!full.empty() && full == field.full) || (!written.empty() && written == field.written);
  }
};

// As an event writes it. Nothing for a bare word, which is no extension's name.
std::optional<FieldName> event_field_name(std::string_view name, const Context& context);

// As a query writes it (EPCIS 2.0 section 8.2.7.1): a URI, or namespace, '#' and local name, asks for the full name
// alone; "prefix:local" likewise where the query's own context defines the prefix. Without that it asks for the name as
// written, and for the full name if GS1's context defines the prefix. Nothing if it is none of these.
std::optional<FieldName> query_field_name(std::string_view name, const Context& context);

}  // namespace lotmark::epcis
