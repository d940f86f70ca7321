// The fields of events: what each element of the standard becomes.
#pragma once

#include "core/epcis/xml/value.h"
#include "core/epcis/xml/walk.h"

namespace lotmark::epcis::xml {

// Makes the JSON of one element; usage with the line if its form is not the standard's.
using ReadField = Result<Json> (*)(Walk&, const Part&);

// Of an event's field by its name, the same in XML and JSON; null if the standard has none.
ReadField event_field(std::string_view name);

// Of <quantityElement> and of a QuantityEvent: adds epcClass, quantity or uom to `into`, and says whether it was one of
// these. A quantity that by xsi:nil is not known is left out: in the JSON it is optional.
Result<bool> put_quantity(Walk& walk, const Part& part, Json& into);

// <sensorElementList> of EPCIS 2.0, whose values stand in attributes (EPCglobal-epcis-2_0.xsd, SensorReportType).
Result<Json> read_sensors(Walk& walk, const Part& part);

}  // namespace lotmark::epcis::xml
