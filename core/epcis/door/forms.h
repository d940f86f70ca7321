// The forms of texts in EPCIS 2.0 events that a JSON Schema names as `format`: what valijson leaves unchecked (uri), or
// checks by std::regex, which is slow and takes stack for every character of a stranger's text. All are pure and linear.
#pragma once

#include <optional>
#include <string_view>

namespace lotmark::epcis {

enum class Form { kUri, kTime, kZoneOffset, kVersion, kHex, kUnitCode, kUriNotOfCbv, kUriNotOfVoc };

// By its name in event_schema.json, such as "uri-not-of-cbv".
std::optional<Form> form_named(std::string_view format);
bool has_form(Form form, std::string_view text);

// An absolute URI (RFC 3986 section 3) with something behind its scheme, so that a bare word and "a:" are none and a
// CURIE such as "example:colour" is one. ASCII alone: an IRI comes percent-encoded.
bool is_uri(std::string_view text);
// YYYY-MM-DDThh:mm:ss, a fraction of any length if there is one, and Z or an offset: RFC 3339 with capitals, which is
// what xsd:dateTimeStamp has too. No second 60.
bool is_time(std::string_view text);
// +hh:mm or -hh:mm up to 14:00 (EPCIS 2.0, eventTimeZoneOffset).
bool is_zone_offset(std::string_view text);

}  // namespace lotmark::epcis
