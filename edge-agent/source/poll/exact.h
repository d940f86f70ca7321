// Decimal numbers of any length: what a device says is scaled and shifted without losing a digit. Never by way of
// a double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::agent {

class Exact {
 public:
  Exact() = default;  // zero
  explicit Exact(std::int64_t v) : Exact(v < 0, std::to_string(v).substr(v < 0 ? 1 : 0), 0) {}
  explicit Exact(std::uint64_t v) : Exact(false, std::to_string(v), 0) {}
  // 10^power
  static Exact ten_to(std::int64_t power) { return Exact(false, "1", power); }
  // "-1.25e3": at most 64 bytes. Nothing if it is no decimal number.
  static std::optional<Exact> read(std::string_view text);
  // The shortest decimal that reads back as the same float: 0.1f is 0.1. Nothing for NaN and the infinities.
  static std::optional<Exact> of(float v);
  static std::optional<Exact> of(double v);

  friend Exact operator*(const Exact& a, const Exact& b);
  friend Exact operator+(const Exact& a, const Exact& b);
  bool operator==(const Exact&) const = default;

  // As read() takes it: "-1.25", "125e-30".
  std::string text() const;
  // In units of 10^exp, as read_decimal() rounds; false also if it leaves +-(2^53 - 1).
  bool in_units(std::int64_t exp, bool round, std::int64_t& out) const;

 private:
  Exact(bool negative, std::string digits, std::int64_t power);

  bool negative_ = false;
  std::string digits_;  // the highest first, without zeros at either end: none is zero
  std::int64_t power_ = 0;
};

}  // namespace lotmark::agent
