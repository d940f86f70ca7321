// The form in which answers give identifiers (GS1-EPC-Format): as they were sent, as GS1 Digital Links, or as EPC URNs.
#pragma once

#include <span>

#include "api/epcis/gs1_headers.h"

namespace lotmark::api::epcis {

// An identifier in that form; nothing if it is in it or has no such form. A Digital Link becomes an EPC URN where its key
// begins with one of `prefixes` (GS1 company prefixes): the link alone does not say how long that is.
std::optional<std::string> in_format(std::string_view uri, EpcFormat format,
                                     std::span<const std::string> prefixes);

// Brings the identifiers of an event, wherever EPCIS has them, to that form. What has no such form stays as it was sent.
void use_format(Json& event, EpcFormat format, std::span<const std::string> prefixes);

}  // namespace lotmark::api::epcis
