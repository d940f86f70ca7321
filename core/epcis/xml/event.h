// Events and the lists they stand in.
#pragma once

#include "core/epcis/xml/walk.h"

namespace lotmark::epcis::xml {

// Appends the events of <EventList>, in order; null in the place of one that is at fault, and the fault. Gone into are
// the <extension>s in which 1.1 and 1.2 have a TransformationEvent. usage for what is wrong with the list itself,
// too-large above limits().events and for what is too much in all of the document.
Status read_events(Walk& walk, const Part& list, Json& events, std::vector<XmlFault>& faults);

}  // namespace lotmark::epcis::xml
