#include "edge-agent/source/poll/exact.h"

#include <algorithm>
#include <charconv>

#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kTextMax = 64;
constexpr std::int64_t kPlainMax = 18;  // zeros that are written out

// Of digits, the highest first; so are the results, which may begin with zeros.
std::string product(const std::string& a, const std::string& b) {
  std::string out(a.size() + b.size(), '0');
  for (std::size_t i = a.size(); i-- > 0;) {
    int carry = 0;
    for (std::size_t j = b.size(); j-- > 0;) {
      char& at = out[i + j + 1];
      const int v = (at - '0') + (a[i] - '0') * (b[j] - '0') + carry;
      at = static_cast<char>('0' + v % 10);
      carry = v / 10;
    }
    out[i] = static_cast<char>(out[i] + carry);
  }
  return out;
}

// Both of one length.
std::string sum(const std::string& a, const std::string& b) {
  std::string out(a.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int v = (a[i] - '0') + (b[i] - '0') + carry;
    out[i + 1] = static_cast<char>('0' + v % 10);
    carry = v / 10;
  }
  out[0] = static_cast<char>('0' + carry);
  return out;
}

// Both of one length, and a at least b.
std::string difference(std::string a, const std::string& b) {
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int v = a[i] - b[i] - borrow;
    a[i] = static_cast<char>('0' + (v < 0 ? v + 10 : v));
    borrow = v < 0 ? 1 : 0;
  }
  return a;
}

template <class Float>
std::optional<Exact> shortest(Float v) {
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, v, std::chars_format::scientific);
  if (error != std::errc{}) return std::nullopt;
  return Exact::read({text, static_cast<std::size_t>(end - text)});  // "nan" and "inf" are none
}

}  // namespace

Exact::Exact(bool negative, std::string digits, std::int64_t power)
    : negative_(negative), digits_(std::move(digits)), power_(power) {
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
  const auto end = digits_.find_last_not_of('0') + 1;
  power_ += static_cast<std::int64_t>(digits_.size() - end);
  digits_.resize(end);
  if (!digits_.empty()) return;
  negative_ = false;
  power_ = 0;
}

std::optional<Exact> Exact::read(std::string_view text) {
  Digits d;
  if (text.size() > kTextMax || !split_decimal(text, d)) return std::nullopt;
  return Exact(d.negative, std::move(d.digits), d.power);
}

std::optional<Exact> Exact::of(float v) { return shortest(v); }
std::optional<Exact> Exact::of(double v) { return shortest(v); }

Exact operator*(const Exact& a, const Exact& b) {
  return {a.negative_ != b.negative_, product(a.digits_, b.digits_), a.power_ + b.power_};
}

Exact operator+(const Exact& a, const Exact& b) {
  if (a.digits_.empty()) return b;
  if (b.digits_.empty()) return a;
  const std::int64_t power = std::min(a.power_, b.power_);
  const auto at_power = [power](const Exact& e) {
    return e.digits_ + std::string(static_cast<std::size_t>(e.power_ - power), '0');
  };
  std::string left = at_power(a);
  std::string right = at_power(b);
  const std::size_t size = std::max(left.size(), right.size());
  left.insert(0, size - left.size(), '0');
  right.insert(0, size - right.size(), '0');
  if (a.negative_ == b.negative_) return {a.negative_, sum(left, right), power};
  if (left < right) return {b.negative_, difference(std::move(right), left), power};
  return {a.negative_, difference(std::move(left), right), power};
}

std::string Exact::text() const {
  if (digits_.empty()) return "0";
  std::string out = digits_;
  if (power_ > kPlainMax || power_ < -kPlainMax) {
    out += "e" + std::to_string(power_);
  } else if (power_ >= 0) {
    out.append(static_cast<std::size_t>(power_), '0');
  } else {
    const auto places = static_cast<std::size_t>(-power_);
    if (out.size() <= places) out.insert(0, places + 1 - out.size(), '0');
    out.insert(out.size() - places, ".");
  }
  return negative_ ? "-" + out : out;
}

bool Exact::in_units(std::int64_t exp, bool round, std::int64_t& out) const {
  return read_decimal(text(), exp, round, out);
}

}  // namespace lotmark::agent
