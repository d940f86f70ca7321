// From the keys a barcode scanner presses (it poses as a keyboard) to the text of a scan. US layout, as scanners are
// shipped. No I/O: keys and time in, texts out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::agent {

struct ScanOptions {
  bool enter = true;  // these keys end a scan
  bool tab = true;
  std::size_t min_length = 1;
  std::size_t max_length = 256;  // of bytes; a text of the formats holds no more
  Millis timeout{
      500};  // between two keys of one scan; what is longer without its end is half a scan
};

class ScanReader {
 public:
  using Tick = std::chrono::steady_clock::time_point;
  // A text, or why what was sent is none (field-range): without its end, too short or long, with a key that writes nothing.
  using Outcome = std::optional<Result<std::string>>;

  explicit ScanReader(const ScanOptions& options) : options_(options) {}

  // A key event of Linux: its code, and 1 for down, 0 for up; another value (a key that repeats) says nothing. Characters
  // stay as sent, GS (FNC1 within a GS1 element string) too: scanners send it as Ctrl+] or as Alt+029.
  Outcome key(std::uint16_t code, std::int32_t value, Tick now);
  // What is begun is dropped once the time of the next key is over.
  Outcome tick(Tick now);
  // When that is; nothing if no scan is begun.
  std::optional<Tick> deadline() const;
  // Events were lost, or the device is gone: nothing is known of keys that are held, and half a scan is none.
  Outcome lost();
  // What comes is passed over, and nothing is said of it, up to the end of the scan that may be under way.
  void skip(Tick now);

 private:
  bool held(std::uint16_t code, bool down);
  Outcome type(char c);
  Outcome end();
  Outcome fail_scan(std::string why);

  const ScanOptions options_;
  std::string text_;
  std::string spoiled_;  // why; empty: it is not
  bool begun_ = false;
  bool skipped_ = false;  // what is begun
  unsigned shift_ = 0;    // bits: left, right
  unsigned control_ = 0;
  unsigned alt_ = 0;
  std::optional<unsigned> alt_code_;  // digits of the keypad while Alt is held
  Tick last_;
};

}  // namespace lotmark::agent
