// Where in an event something is wrong, told as the JSON door tells it.
#pragma once

#include <pugixml.hpp>
#include <string>

namespace lotmark::epcis::xml {

// JSON pointer of `element` within `event`, in which it stands: "/quantityList/0/quantity". Names are those written, cut
// behind 80 bytes; an item of a list goes by its number, as in the JSON, and <extension> and <baseExtension>, which the
// JSON does not have, are left out.
std::string place_in_event(pugi::xml_node element, const pugi::xml_node& event);

}  // namespace lotmark::epcis::xml
