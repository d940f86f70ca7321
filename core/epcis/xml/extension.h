// What is not of the standard: elements and attributes of vendors and users, and of a future EPCIS (EPCIS 1.2 section
// 9.1).
//
// An element becomes a property "prefix:local": its text if that is all there is, else an object of its attributes and
// elements. Repeated ones become an array, in order. Texts stay texts, as GS1's own samples have them, whatever
// xsi:type says, and white space in them stays. JSON-LD has no attributes, so text beside attributes or elements stands
// under "rdf:value", RDF's name for the main value of what has further parts (RDF Schema 1.1 section 5.4.3), without
// white space around it. What inside of such an element has no namespace counts to the one it is inside of.
#pragma once

#include "core/epcis/xml/walk.h"

namespace lotmark::epcis::xml {

// Adds `part`, of a foreign namespace, to `into`.
Status put_foreign(Walk& walk, const Part& part, Json& into);
// Adds what <extension> has without a namespace and EPCIS 2.0 does not know: a future EPCIS's own, so "epcis:local".
Status put_future(Walk& walk, const Part& part, Json& into);
// Adds an attribute of an element of the standard; usage for one without a namespace: EPCIS has no such.
Status put_attribute(Walk& walk, const Part& part, const Name& name, std::string_view value,
                     Json& into);
// All of them.
Status put_attributes(Walk& walk, const Part& part, Json& into);

}  // namespace lotmark::epcis::xml
