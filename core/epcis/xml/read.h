// EPCIS documents in XML, as US pharma sends them under DSCSA, brought to the JSON form of EPCIS 2.0.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::epcis {

// What is above one of these is too-large, before memory is spent on it.
struct XmlLimits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t events = 10'000;
  std::size_t depth = 64;       // elements inside one another
  std::size_t nodes = 500'000;  // elements, attributes, comments and the like, those of headers too
  std::size_t explained =
      100;  // of the events at fault, so many are told where and why; the others only that
};

// What is wrong with one event, while the others can be read.
struct XmlFault {
  std::size_t place = 0;  // in the list of events
  std::string path;       // JSON pointer within the event, by the names that stand in place.h
  std::string detail;     // names the line and the element
};

struct XmlDocument {
  Json json;                     // null in the list's places of events at fault
  std::vector<XmlFault> faults;  // in the order of their places
};

// An EPCISDocument or EPCISQueryDocument as its EPCIS 2.0 JSON-LD form: "@context" (GS1's address, and a map of the
// namespaces of extensions), type, schemaVersion "2.0", creationDate and epcisBody, in which eventList or, for a query
// document, queryResults stands.
//
// Read are the namespaces of EPCIS 1.0 to 1.2 (urn:epcglobal:epcis:xsd:1) and of 2.0 (:2), in UTF-8 or, with a byte
// order mark, UTF-16. The nested <extension> and <baseExtension> of 1.1 and 1.2 fall away; values of the Core Business
// Vocabulary, urn:epcglobal:cbv:bizstep:shipping, become the bare words of CBV 2.0; recordTime is left out, for the
// repository sets it; a QuantityEvent becomes an ObjectEvent that observes a quantityList. The header's SBDH and master
// data are read over. What becomes of extensions stands in extension.h.
//
// The form is judged here, the content is not: what is missing, or no URI or time, GS1's JSON schema refuses.
// What EPCIS 2.0 has no place for in an event is a fault of that event. usage, naming the line and the element, for a
// document that is not well-formed, holds a DOCTYPE, is in another charset, is no EPCIS, or has what there is no place
// for around its events; too-large above a limit.
Result<XmlDocument> read_xml(std::string_view bytes, const XmlLimits& limits = {});

}  // namespace lotmark::epcis
