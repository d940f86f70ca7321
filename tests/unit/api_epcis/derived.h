// Parameters by which an event must be found, taken from the event itself: each name of EPCIS 2.0's simple event query
// (section 8.2.7.1) that fits something it says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::api::epcis::test {

std::vector<std::pair<std::string, std::string>> derived_parameters(
    const lotmark::epcis::Json& event);

}  // namespace lotmark::api::epcis::test
