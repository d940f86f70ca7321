#include "cli/shown.h"

#include <fmt/format.h>

#include <cstdint>

namespace lotmark::cli {

namespace {

struct Character {
  std::uint32_t point = 0;
  std::size_t bytes = 0;  // 0: the front is no UTF-8
};

// The character at the front of a text that is not empty (RFC 3629).
Character front_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
  std::uint32_t point = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {};
    point = point << 6 | (at(i) & 0x3Fu);
  }
  const bool overlong = point < (bytes == 4 ? 0x10000u : bytes == 3 ? 0x800u : 0x80u);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return {point, bytes};
}

bool hostile(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7F && point <= 0x9F)) return true;
  return point == 0x061C || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

template <class Kept, class Escaped>
std::string walk(std::string_view text, Kept kept, Escaped escaped) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = front_of(text);
    const std::size_t bytes = c.bytes == 0 ? 1 : c.bytes;
    if (c.bytes != 0 && (!hostile(c.point) || kept(c.point))) out += text.substr(0, bytes);
    else out += escaped(c.bytes == 0 ? static_cast<std::uint8_t>(text[0]) : c.point);
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace

std::string shown(std::string_view text, Newlines newlines) {
  return walk(
      text, [&](std::uint32_t p) { return p == '\n' && newlines == Newlines::kKept; },
      [](std::uint32_t p) {
        return p < 0x100 ? fmt::format("\\x{:02x}", p) : fmt::format("\\u{:04x}", p);
      });
}

std::string shown_json(std::string_view json) {
  return walk(
      json, [](std::uint32_t p) { return p == '\n'; },
      [](std::uint32_t p) { return fmt::format("\\u{:04x}", p); });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = front_of(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace lotmark::cli
