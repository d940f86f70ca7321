// Values with rules of their own (docs/format/README.md): GTIN, lot, expiry. The structs are plain; a reader
// checks them with valid(), a program that takes them from people does so before it builds anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace lotmark {

// 14 digits with a right check digit.
struct Gtin {
  std::string text;
  auto operator<=>(const Gtin&) const = default;
};
bool valid(const Gtin& g);
// A prefix of 4 to 12 digits covers a GTIN whose digits after the indicator begin with it.
bool covers(std::string_view prefix, const Gtin& g);
bool valid_prefix(std::string_view prefix);

// 1 to 20 bytes of GS1's character set 82; compared by bytes.
struct LotNumber {
  std::string text;
  auto operator<=>(const LotNumber&) const = default;
};
bool valid(const LotNumber& l);

// YYYYMMDD of a day that exists, years 2000 to 9999; good up to 24:00 UTC.
struct Expiry {
  std::uint64_t yyyymmdd = 0;
  auto operator<=>(const Expiry&) const = default;
};
bool valid(const Expiry& e);
// The first millisecond at which it has expired. Of a valid expiry.
Time expired_from(const Expiry& e);

// Power of ten of a channel, -18 to 18.
struct Exponent {
  std::int64_t value = 0;
  auto operator<=>(const Exponent&) const = default;
};
bool valid(const Exponent& e);

// "2.31" for 231 and exp -2; "5e3" stays "5000". Exact, never by a double.
std::string to_decimal(std::int64_t value, std::int64_t exp);
// Reads a decimal number exactly to units of 10^exp; nothing if it is none, has more digits than exp
// keeps, or leaves +-(2^53 - 1).
bool from_decimal(std::string_view text, std::int64_t exp, std::int64_t& out);

}  // namespace lotmark
