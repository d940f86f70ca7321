// Decimal text to integers, exactly; never by way of a double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::agent {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

// value * 10^exp
struct Decimal {
  std::int64_t value = 0;
  std::int64_t exp = 0;
  bool operator==(const Decimal&) const = default;  // as they are written: 8 is not 8.0
};
// "8", "-0.25": digits, of which at most 15 count, with one point at most. Nothing if it is no such number.
std::optional<Decimal> parse_decimal(std::string_view text);
// Below zero if a is less than b, above if it is greater; exact.
int compare(const Decimal& a, const Decimal& b);

}  // namespace lotmark::agent
