#include "edge-agent/source/decimal.h"

#include <charconv>

#include "core/wire/values.h"

namespace lotmark::agent {

bool split_decimal(std::string_view text, Digits& out) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool point = false;
  while (!text.empty() && (is_digit(text[0]) || (text[0] == '.' && !point))) {
    if (text[0] == '.') {
      point = true;
    } else {
      out.digits += text[0];
      out.power -= point ? 1 : 0;
    }
    text.remove_prefix(1);
  }
  if (out.digits.empty()) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  int e = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), e);
  if (error != std::errc{} || end != text.data() + text.size() || e > 400 || e < -400) return false;
  out.power += e;
  return true;
}

bool read_decimal(std::string_view text, std::int64_t exp, bool round, std::int64_t& out) {
  if (from_decimal(text, exp, out)) return true;
  Digits d;
  if (!round || !split_decimal(text, d) || d.power >= exp) return false;
  const auto drop = static_cast<std::size_t>(exp - d.power);
  bool up = false;
  if (drop <= d.digits.size()) {
    up = d.digits[d.digits.size() - drop] >= '5';
    d.digits.resize(d.digits.size() - drop);
  } else {
    d.digits.clear();
  }
  if (d.digits.empty()) d.digits = "0";
  if (!from_decimal(d.digits, 0, out)) return false;
  if (up && !from_decimal(std::to_string(out + 1), 0, out)) return false;
  if (d.negative) out = -out;
  return true;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  const auto point = text.find('.');
  const auto exp = point == std::string_view::npos
                       ? std::int64_t{0}
                       : -static_cast<std::int64_t>(text.size() - point - 1);
  Decimal out{0, exp};
  if (exp < -15 || text.ends_with('.') || text.find_first_of("eE") != std::string_view::npos)
    return std::nullopt;
  if (!from_decimal(text, exp, out.value)) return std::nullopt;
  return out;
}

int compare(const Decimal& a, const Decimal& b) {
  const int sign_a = (a.value > 0) - (a.value < 0);
  const int sign_b = (b.value > 0) - (b.value < 0);
  if (sign_a != sign_b || sign_a == 0) return sign_a - sign_b;
  if (a.exp < b.exp) return -compare(b, a);
  // Of one sign, and a's unit is not smaller: a is brought to b's. Beyond any 64-bit number it has won.
  std::int64_t scaled = a.value;
  for (std::int64_t e = a.exp; e > b.exp; --e) {
    if (__builtin_mul_overflow(scaled, 10, &scaled)) return sign_a;
  }
  return (scaled > b.value) - (scaled < b.value);
}

}  // namespace lotmark::agent
