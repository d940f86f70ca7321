// Units of measure by their UN/ECE Recommendation 20 codes, as sensor reports and quantities name them ("CEL", "KGM"),
// and comparing amounts across them: a query in KEL finds what was reported in CEL. Pure functions; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace lotmark::epcis {

// An amount in the dimension's base unit is factor * (number + zero): CEL is 1 * (number + 273.15) kelvin.
struct Unit {
  std::string_view code;
  std::string_view dimension;
  double factor;
  double zero;
};

// Nothing for a code our table lacks.
const Unit* unit_of(std::string_view code);
// What its amounts may be compared with: the dimension, or for an unknown code "=" and the code itself.
std::string dimension_of(std::string_view code);

// A difference (a standard deviation) has no zero point: 1 CEL is 1 KEL.
enum class AmountKind : std::uint8_t { kPoint, kDifference };

struct Amount {
  double number = 0;
  std::string_view code;
};
// Of one unit: as the numbers are. Of two units of one dimension: in its base unit, equal within 1 in 10^12, since
// converting rounds. Unordered for others: an unknown unit is comparable only with itself.
std::partial_ordering compare_amounts(const Amount& left, const Amount& right, AmountKind kind);

}  // namespace lotmark::epcis
