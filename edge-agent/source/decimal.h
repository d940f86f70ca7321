// Decimal text to integers, exactly; never by way of a double.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lotmark::agent {

// Sign, digits without the point, and the power of ten of the last digit.
struct Digits {
  bool negative = false;
  std::string digits;
  std::int64_t power = 0;
};
// False if `text` is no decimal number, or has an exponent beyond +-400.
bool split_decimal(std::string_view text, Digits& out);

// `text` in units of 10^exp. What has more digits than exp keeps is refused, or, if `round`, rounded half
// away from zero. False too if it is no number or leaves +-(2^53 - 1).
bool read_decimal(std::string_view text, std::int64_t exp, bool round, std::int64_t& out);

}  // namespace lotmark::agent
