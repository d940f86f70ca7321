#include "core/gs1/check.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lotmark::gs1 {

namespace {

constexpr std::size_t kPairedMax = 23;
// The first primes: the last character weighs 2, the one before it 3.
constexpr std::array<std::uint32_t, kPairedMax> kPrimes = {
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83};
constexpr std::uint32_t kPairModulus = 1021;
// A character's value is its place.
constexpr std::string_view kSet82InOrder =
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kPairAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

}  // namespace

char mod10_digit(std::string_view digits) {
  int sum = 0;
  int weight = 3;
  for (std::size_t i = digits.size(); i-- > 0; weight = 4 - weight) {
    sum += (digits[i] - '0') * weight;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool mod10_holds(std::string_view digits) {
  if (digits.size() < 2) return false;
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return false;
  return mod10_digit(digits.substr(0, digits.size() - 1)) == digits.back();
}

std::optional<std::string> check_pair(std::string_view text) {
  if (text.size() > kPairedMax) return std::nullopt;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = kSet82InOrder.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    sum += static_cast<std::uint32_t>(value) * kPrimes[text.size() - 1 - i];
  }
  sum %= kPairModulus;
  return std::string{kPairAlphabet[sum >> 5], kPairAlphabet[sum & 31]};
}

}  // namespace lotmark::gs1
