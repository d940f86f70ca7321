// Events and the lists they stand in.
#pragma once

#include "core/epcis/xml/walk.h"

namespace lotmark::epcis::xml {

// Appends the events of <EventList>, in order. Gone into are the <extension>s in which 1.1 and 1.2 have a
// TransformationEvent. usage for an element that is no event, too-large above limits().events.
Status read_events(Walk& walk, const Part& list, Json& events);

}  // namespace lotmark::epcis::xml
