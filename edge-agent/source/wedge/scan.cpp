#include "edge-agent/source/wedge/scan.h"

#include <linux/input-event-codes.h>

#include <algorithm>
#include <array>

namespace lotmark::agent {

namespace {

struct Key {
  std::uint16_t code;
  char plain;
  char shifted;
};
constexpr std::array kKeys = {
    Key{KEY_1, '1', '!'},          Key{KEY_2, '2', '@'},           Key{KEY_3, '3', '#'},
    Key{KEY_4, '4', '$'},          Key{KEY_5, '5', '%'},           Key{KEY_6, '6', '^'},
    Key{KEY_7, '7', '&'},          Key{KEY_8, '8', '*'},           Key{KEY_9, '9', '('},
    Key{KEY_0, '0', ')'},          Key{KEY_MINUS, '-', '_'},       Key{KEY_EQUAL, '=', '+'},
    Key{KEY_Q, 'q', 'Q'},          Key{KEY_W, 'w', 'W'},           Key{KEY_E, 'e', 'E'},
    Key{KEY_R, 'r', 'R'},          Key{KEY_T, 't', 'T'},           Key{KEY_Y, 'y', 'Y'},
    Key{KEY_U, 'u', 'U'},          Key{KEY_I, 'i', 'I'},           Key{KEY_O, 'o', 'O'},
    Key{KEY_P, 'p', 'P'},          Key{KEY_LEFTBRACE, '[', '{'},   Key{KEY_RIGHTBRACE, ']', '}'},
    Key{KEY_A, 'a', 'A'},          Key{KEY_S, 's', 'S'},           Key{KEY_D, 'd', 'D'},
    Key{KEY_F, 'f', 'F'},          Key{KEY_G, 'g', 'G'},           Key{KEY_H, 'h', 'H'},
    Key{KEY_J, 'j', 'J'},          Key{KEY_K, 'k', 'K'},           Key{KEY_L, 'l', 'L'},
    Key{KEY_SEMICOLON, ';', ':'},  Key{KEY_APOSTROPHE, '\'', '"'}, Key{KEY_GRAVE, '`', '~'},
    Key{KEY_BACKSLASH, '\\', '|'}, Key{KEY_Z, 'z', 'Z'},           Key{KEY_X, 'x', 'X'},
    Key{KEY_C, 'c', 'C'},          Key{KEY_V, 'v', 'V'},           Key{KEY_B, 'b', 'B'},
    Key{KEY_N, 'n', 'N'},          Key{KEY_M, 'm', 'M'},           Key{KEY_COMMA, ',', '<'},
    Key{KEY_DOT, '.', '>'},        Key{KEY_SLASH, '/', '?'},       Key{KEY_SPACE, ' ', ' '},
    Key{KEY_KP0, '0', '0'},        Key{KEY_KP1, '1', '1'},         Key{KEY_KP2, '2', '2'},
    Key{KEY_KP3, '3', '3'},        Key{KEY_KP4, '4', '4'},         Key{KEY_KP5, '5', '5'},
    Key{KEY_KP6, '6', '6'},        Key{KEY_KP7, '7', '7'},         Key{KEY_KP8, '8', '8'},
    Key{KEY_KP9, '9', '9'},        Key{KEY_KPDOT, '.', '.'},       Key{KEY_KPMINUS, '-', '-'},
    Key{KEY_KPPLUS, '+', '+'},     Key{KEY_KPASTERISK, '*', '*'},  Key{KEY_KPSLASH, '/', '/'},
    Key{KEY_ENTER, '\r', '\r'},    Key{KEY_KPENTER, '\r', '\r'},   Key{KEY_TAB, '\t', '\t'},
};
constexpr std::array<std::uint16_t, 5> kSilent = {KEY_LEFTMETA, KEY_RIGHTMETA, KEY_CAPSLOCK,
                                                  KEY_NUMLOCK, KEY_SCROLLLOCK};
constexpr unsigned kAltCodeMax = 126;

bool keypad_digit(std::uint16_t code, char c) { return c >= '0' && c <= '9' && code >= KEY_KP7; }

// Ctrl takes the upper bits off: Ctrl+] is GS.
std::optional<char> control_of(char c) {
  const auto upper = static_cast<unsigned char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (upper <= 0x40 || upper >= 0x60) return std::nullopt;
  return static_cast<char>(upper & 0x1f);
}

void set_bit(unsigned& bits, unsigned bit, bool on) { bits = on ? bits | bit : bits & ~bit; }

}  // namespace

// Is it a key that is held while others are pressed?
bool ScanReader::held(std::uint16_t code, bool down) {
  switch (code) {
    case KEY_LEFTSHIFT: set_bit(shift_, 1, down); return true;
    case KEY_RIGHTSHIFT: set_bit(shift_, 2, down); return true;
    case KEY_LEFTCTRL: set_bit(control_, 1, down); return true;
    case KEY_RIGHTCTRL: set_bit(control_, 2, down); return true;
    case KEY_LEFTALT: set_bit(alt_, 1, down); return true;
    case KEY_RIGHTALT: set_bit(alt_, 2, down); return true;
    default: return std::ranges::find(kSilent, code) != kSilent.end();
  }
}

ScanReader::Outcome ScanReader::key(std::uint16_t code, std::int32_t value, Tick now) {
  if (value != 0 && value != 1) return std::nullopt;
  Outcome late = tick(now);
  if (late) {  // this key is the first of another scan
    (void)key(code, value, now);
    return late;
  }
  if (begun_) last_ = now;
  if (held(code, value == 1)) {
    if (alt_ != 0 || !alt_code_) return std::nullopt;
    const unsigned typed = *std::exchange(alt_code_, std::nullopt);
    last_ = now;
    if (typed > 0 && typed <= kAltCodeMax) return type(static_cast<char>(typed));
    return fail_scan("a character that is not ASCII");
  }
  if (value == 0) return std::nullopt;
  last_ = now;
  const auto at = std::ranges::find(kKeys, code, &Key::code);
  if (at == kKeys.end()) return fail_scan("a key that writes nothing");
  char c = shift_ != 0 ? at->shifted : at->plain;
  if (alt_ != 0) {
    if (!keypad_digit(code, c)) return fail_scan("a key with Alt");
    begun_ = true;
    alt_code_ = std::min(alt_code_.value_or(0) * 10 + static_cast<unsigned>(c - '0'), 1000U);
    return std::nullopt;
  }
  if (control_ != 0 && c != '\r' && c != '\t') {
    const auto control = control_of(c);
    if (!control) return fail_scan("a key with Ctrl");
    c = *control;
  }
  return type(c);
}

ScanReader::Outcome ScanReader::type(char c) {
  const bool ends = ((c == '\r' || c == '\n') && options_.enter) || (c == '\t' && options_.tab);
  if (ends) return end();
  begun_ = true;
  if (text_.size() >= options_.max_length) return fail_scan("longer than max_length");
  text_ += c;
  return std::nullopt;
}

// Said at its end: then the whole of it is known to be over.
ScanReader::Outcome ScanReader::fail_scan(std::string why) {
  begun_ = true;
  if (spoiled_.empty()) spoiled_ = std::move(why);
  return std::nullopt;
}

ScanReader::Outcome ScanReader::end() {
  std::string text = std::exchange(text_, {});
  std::string spoiled = std::exchange(spoiled_, {});
  const bool skipped = std::exchange(skipped_, false);
  if (!std::exchange(begun_, false) || skipped) return std::nullopt;  // CR and LF end one scan
  if (!spoiled.empty()) return Result<std::string>(fail(Errc::kFieldRange, std::move(spoiled)));
  if (text.size() < options_.min_length)
    return Result<std::string>(fail(Errc::kFieldRange, "shorter than min_length"));
  return Result<std::string>(std::move(text));
}

ScanReader::Outcome ScanReader::tick(Tick now) {
  if (!begun_ || now - last_ < options_.timeout) return std::nullopt;
  (void)fail_scan("without its end");
  return end();
}

std::optional<ScanReader::Tick> ScanReader::deadline() const {
  return begun_ ? std::optional(last_ + options_.timeout) : std::nullopt;
}

ScanReader::Outcome ScanReader::lost() {
  shift_ = control_ = alt_ = 0;
  alt_code_.reset();
  if (!begun_) return std::nullopt;
  (void)fail_scan("cut off");
  return end();
}

void ScanReader::skip(Tick now) {
  (void)lost();
  begun_ = skipped_ = true;
  last_ = now;
}

}  // namespace lotmark::agent
