// What a scanner that poses as a US keyboard sends for a text, as struct input_event: laid out by the rows of the keyboard.
#pragma once

#include <linux/input.h>

#include <string>
#include <vector>

namespace lotmark::agent::test {

struct KeyPress {
  std::uint16_t code = 0;
  std::int32_t value = 0;
  bool operator==(const KeyPress&) const = default;
};
using KeyPresses = std::vector<KeyPress>;

struct KeyRow {
  std::uint16_t first;
  const char* plain;
  const char* shifted;
};
inline constexpr KeyRow kKeyRows[] = {{2, "1234567890-=", "!@#$%^&*()_+"},
                                      {16, "qwertyuiop[]", "QWERTYUIOP{}"},
                                      {30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
                                      {43, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
                                      {57, " ", ""}};

inline void press(KeyPresses& out, std::uint16_t code) {
  out.push_back({code, 1});
  out.push_back({code, 0});
}

// GS is Ctrl+], CR is ENTER, HT is TAB.
inline KeyPresses typed(const std::string& text) {
  KeyPresses out;
  for (const char c : text) {
    if (c == '\r') press(out, KEY_ENTER);
    if (c == '\t') press(out, KEY_TAB);
    const bool control = c == '\x1d';
    if (control) {
      out.push_back({KEY_LEFTCTRL, 1});
      press(out, KEY_RIGHTBRACE);
      out.push_back({KEY_LEFTCTRL, 0});
    }
    for (const auto& row : kKeyRows) {
      const std::string plain = row.plain;
      const std::string shifted = row.shifted;
      if (const auto at = plain.find(c); at != std::string::npos)
        press(out, static_cast<std::uint16_t>(row.first + at));
      const auto at = shifted.find(c);
      if (at == std::string::npos) continue;
      out.push_back({KEY_RIGHTSHIFT, 1});
      press(out, static_cast<std::uint16_t>(row.first + at));
      out.push_back({KEY_RIGHTSHIFT, 0});
    }
  }
  return out;
}

// As the kernel hands them out: each with its scan code before and a report behind.
inline std::string event_bytes(const KeyPresses& presses) {
  std::string out;
  const auto add = [&](std::uint16_t type, std::uint16_t code, std::int32_t value) {
    input_event e{};
    e.type = type;
    e.code = code;
    e.value = value;
    out.append(reinterpret_cast<const char*>(&e), sizeof e);
  };
  for (const auto& p : presses) {
    add(EV_MSC, MSC_SCAN, 0x70000 + p.code);
    add(EV_KEY, p.code, p.value);
    add(EV_SYN, SYN_REPORT, 0);
  }
  return out;
}

}  // namespace lotmark::agent::test
