#include "core/gs1/epc_bits.h"

#include <array>
#include <string_view>

#include "core/gs1/ai.h"

namespace lotmark::gs1 {

namespace {

constexpr std::size_t kVariableMax = 20;  // AI 21 and 254
// TDS 14.5.6, URN Code 40: the character of each value; 0 is no character.
constexpr std::string_view kCode40 = " ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789";
constexpr const char* kHexUpper = "0123456789ABCDEF";
constexpr const char* kHexLower = "0123456789abcdef";
constexpr const char* kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// ceil(digits * log2(10)) for 0 to 20 digits: the bits of the greatest number of so many digits.
constexpr std::array<std::uint8_t, kVariableMax + 1> kDigitBits = {
    0, 4, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40, 44, 47, 50, 54, 57, 60, 64, 67};

}  // namespace

std::uint64_t EpcBits::number(std::size_t bits) {
  if (bits > 64 || bits > left()) {
    ok_ = false;
    return 0;
  }
  std::uint64_t v = 0;
  for (; bits > 0; --bits, ++at_) {
    const unsigned bit = memory_.bytes[at_ / 8] >> (7 - at_ % 8) & 1u;
    v = v << 1 | bit;
  }
  return v;
}

std::string EpcBits::digits(std::size_t bits, std::size_t count) {
  std::string text = std::to_string(number(bits));
  if (count == 0) {
    if (text != "0") ok_ = false;
    return {};
  }
  if (text.size() > count) ok_ = false;
  if (text.size() < count) text.insert(0, count - text.size(), '0');
  return text;
}

std::string EpcBits::nibbles(std::size_t count) {
  std::string text;
  for (; count > 0 && ok_; --count) {
    const auto digit = number(4);
    if (digit > 9) ok_ = false;
    text += static_cast<char>('0' + digit);
  }
  return text;
}

std::string EpcBits::string(std::size_t bits) {
  std::string text;
  bool ended = false;
  for (; bits >= 7 && ok_; bits -= 7) {
    const char c = static_cast<char>(number(7));
    if (c != '\0' && (ended || !in_set(CharSet::kSet82, c))) ok_ = false;
    if (c == '\0') ended = true;
    else text += c;
  }
  if (number(bits) != 0 || text.empty()) ok_ = false;
  return text;
}

std::string EpcBits::variable() {
  const auto how = number(3);
  const auto count = static_cast<std::size_t>(number(5));
  if (!ok_ || count == 0 || count > kVariableMax) {
    ok_ = false;
    return {};
  }
  switch (how) {
    case 0: return integer(count);
    case 1: return from_alphabet(count, 4, kHexUpper);
    case 2: return from_alphabet(count, 4, kHexLower);
    case 3: return from_alphabet(count, 6, kBase64Url);
    case 4: return seven_bit(count);
    case 5: return code40(count);
    default: ok_ = false; return {};
  }
}

std::string EpcBits::from_alphabet(std::size_t count, std::size_t bits, const char* alphabet) {
  std::string text;
  for (; count > 0 && ok_; --count) text += alphabet[number(bits)];
  return text;
}

std::string EpcBits::seven_bit(std::size_t count) {
  std::string text;
  for (; count > 0 && ok_; --count) {
    const char c = static_cast<char>(number(7));
    if (!in_set(CharSet::kSet82, c)) ok_ = false;
    text += c;
  }
  return text;
}

// Three characters in 16 bits; the last group is filled with the value 0.
std::string EpcBits::code40(std::size_t count) {
  std::string text;
  while (text.size() < count && ok_) {
    const auto group = number(16);
    if (group == 0 || group > 64000) {
      ok_ = false;
      break;
    }
    const std::array<std::uint64_t, 3> values = {(group - 1) / 1600, (group - 1) / 40 % 40,
                                                 (group - 1) % 40};
    for (const auto v : values) {
      if ((v != 0) != (text.size() < count)) ok_ = false;
      if (v != 0 && text.size() < count) text += kCode40[v];
    }
  }
  return text;
}

// Twenty digits need 67 bits: divided by hand, from the top, in two halves.
std::string EpcBits::integer(std::size_t count) {
  const std::size_t bits = kDigitBits[count];
  const std::size_t high = bits > 40 ? bits - 40 : 0;
  std::uint64_t top = number(high);
  std::uint64_t low = number(bits - high);
  std::string text(count, '0');
  for (std::size_t i = count; i-- > 0;) {
    const std::uint64_t rest = (top % 10) << 40 | low;
    top /= 10;
    text[i] = static_cast<char>('0' + rest % 10);
    low = rest / 10;
  }
  if (top != 0 || low != 0) ok_ = false;
  return text;
}

void EpcBits::only_zeros() {
  while (left() > 0) {
    if (number(1) != 0) ok_ = false;
  }
}

}  // namespace lotmark::gs1
