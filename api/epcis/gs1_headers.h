// The GS1-... headers of the EPCIS 2.0 REST binding (section 12.3): versions, the form of EPCs, and what a server says
// of itself. A client that sends none of them is taken to speak 2.0.
#pragma once

#include <optional>
#include <variant>

#include "api/epcis/problem.h"

namespace lotmark::api::epcis {

enum class EpcFormat { kAsSent, kDigitalLink, kUrn };

// What a request asks for; a Problem of status 406 for a version or form that cannot be met.
struct Wanted {
  std::optional<EpcFormat> format{};  // GS1-EPC-Format; nothing: it did not say
  // Of the events in an answer: GS1's OpenAPI file has "If absent the default value is Always_GS1_Digital_Link".
  EpcFormat of_events() const { return format.value_or(EpcFormat::kDigitalLink); }
  bool proceed = false;  // GS1-Capture-Error-Behaviour
};
// `captures_xml`: it may say that its document is of EPCIS and CBV 1.0 to 1.2.
std::variant<Wanted, Problem> read_gs1_headers(const http::Request& request, bool captures_xml);

struct CaptureLimits {
  std::size_t events = 0;
  std::size_t bytes = 0;
};
// Versions, forms and vendor's version; of the capture routes the limits too. The lowest version is that of answers,
// though captures may be of earlier ones: GS1's OpenAPI file has "The lowest EPCIS version supported" on every route.
void add_gs1_headers(http::Response& response, const CaptureLimits* limits = nullptr);

}  // namespace lotmark::api::epcis
