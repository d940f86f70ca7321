// Documents of our own, of every event type, for what must hold where GS1's are not there.
#pragma once

#include <string>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::api::epcis::test {

// One event of each of the five types, with the fields that the type has; and one that declares an error.
std::vector<lotmark::epcis::Json> own_events();
// EPCISDocument of these; farm: is "https://farm.example/ns/".
std::string own_document(const std::vector<lotmark::epcis::Json>& events);
extern const lotmark::epcis::Json kOwnContext;

}  // namespace lotmark::api::epcis::test
