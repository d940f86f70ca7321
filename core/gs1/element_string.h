// Element strings: what a scanner hands over of GS1 barcodes, and the text under them (GS1 General Specifications 7.8).
// Pure functions of their text; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/gs1/ai.h"
#include "core/gs1/link.h"

namespace lotmark::gs1 {

inline constexpr std::size_t kScanMax = 8192;    // bytes of one scan
inline constexpr std::size_t kElementsMax = 64;  // identifiers of one scan
inline constexpr char kSeparator = '\x1d';       // GS: how FNC1 between two elements is handed over

// One scan as one of
//   (01)09521141123454(10)L-7       identifiers in brackets; a bracket of a value that could be one is written "\("
//   ]C1 ]d2 ]Q3 ]e0 ]J1 and raw     GS1-128, DataMatrix, QR, DataBar or composite, DotCode: values in a row, a
//   raw without such a prefix       separator behind each whose length its identifier does not say
//   ]E0 ]E4 ]I0 ]I1 and digits      EAN-13 and UPC, EAN-8, ITF-14: a GTIN, padded to 14
//   8, 12, 13 or 14 digits          the same; an element string of so few digits needs its prefix
// A separator in front, at the end and behind a value of fixed length is read over. The same element twice counts once.
// usage for other texts, naming the place; too-large; else as judge() refuses a value.
Result<std::vector<AiValue>> read_elements(std::string_view scan);

// The scan's link: link_of_elements().
Result<Link> link_of_scan(std::string_view scan);

// "(01)09521141123454(10)L-7": what read_elements() reads. Of values that judge() lets pass.
std::string bracketed(std::span<const AiValue> elements);
// "010952114112345410L-7" with separators where they are needed, none in front and none at the end.
std::string raw_elements(std::span<const AiValue> elements);

}  // namespace lotmark::gs1
