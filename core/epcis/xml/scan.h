// The first reading of an XML document, which builds nothing: what must hold before a tree is made of it.
#pragma once

#include <string_view>

#include "core/epcis/xml/read.h"

namespace lotmark::epcis::xml {

// Of a document in UTF-8: nesting and counts stay within `limits`, nothing is declared (DOCTYPE), references are the
// five that XML itself defines or name a character, no element has an attribute twice, and there is one root element
// (XML 1.0 section 2.1). Whether end tags match is left to the parser. too-large or usage, with the line.
Status scan_xml(std::string_view text, const XmlLimits& limits);

// Of the byte at `offset`; the first line is 1.
std::size_t line_of(std::string_view text, std::size_t offset);

// Whether there is nothing but the white space of XML.
bool is_blank(std::string_view text);

}  // namespace lotmark::epcis::xml
