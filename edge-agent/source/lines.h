// Cuts bytes into lines and knows where each begins. Of a line above 64 KiB nothing is kept: it is passed over
// up to its end, however long. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::agent {

inline constexpr std::size_t kLineBytesMax = 64 * 1024;

struct TextLine {
  std::uint64_t offset = 0;
  bool too_long = false;  // then without its text
  std::string_view text;  // without the line's end; good until the next call
};

class LineCutter {
 public:
  // `offset` is the place of the first byte that is fed.
  explicit LineCutter(std::uint64_t offset = 0) : begin_(offset), next_(offset) {}

  // To be called once next() gave nothing.
  void feed(std::string_view bytes);
  std::optional<TextLine> next();
  // At the end of the input: a line without an end, if there is one.
  std::optional<TextLine> last();
  // Where the line after those that were given begins.
  std::uint64_t offset() const { return begin_; }

 private:
  TextLine cut(std::size_t size, std::size_t end);

  std::string held_;
  std::size_t at_ = 0;   // in held_, where the rest begins
  std::uint64_t begin_;  // of the line
  std::uint64_t next_;   // of the byte at at_: beyond begin_ in a line that is passed over
};

}  // namespace lotmark::agent
