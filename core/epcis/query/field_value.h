// Values of extension fields, whose type no schema says: what an event holds and what a query compares it with
// (EPCIS 2.0 section 8.2.7.1, EQ_fieldname to LE_fieldname). Pure functions; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/epcis/context.h"

namespace lotmark::epcis {

enum class Comparison : std::uint8_t { kEq, kGt, kGe, kLt, kLe };
// False for unordered.
bool holds(Comparison comparison, std::partial_ordering ordering);

// A decimal number and nothing else, finite: "-12.5", "3e4". Nothing for other text.
std::optional<double> number_in(std::string_view text);

struct FieldValue {
  std::string text;                     // as it stands; of a number its shortest decimal form
  bool typed = false;                   // stood as a number, not as a text
  std::optional<double> number;         // of a number, and of a text that reads as one
  std::optional<std::int64_t> time_ms;  // of a text that reads as a point in time

  static FieldValue of(std::string_view text);
  static FieldValue of(double number);
  static FieldValue of(bool truth);
  // Nothing for null, an object or a list.
  static std::optional<FieldValue> of(const Json& scalar);
};

// Texts are equal as they stand, so that lot "007" is not lot "7", or as points in time; a typed number on either side
// makes it a comparison of numbers. (Without a query's types, as in a REST query, a text is all one has.)
bool equal(const FieldValue& asked, const FieldValue& held);
// For GT, GE, LT, LE: by number if what is asked for reads as one, else by time. Unordered if `held` does not read so.
std::partial_ordering compare(const FieldValue& held, const FieldValue& asked);

}  // namespace lotmark::epcis
