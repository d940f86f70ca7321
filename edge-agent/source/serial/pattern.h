// What a line of a scale or probe looks like: text with the places of its numbers, "ST,GS,{weight} kg". Simpler than a
// regular expression on purpose: it is matched in time that no line can blow up. No I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/poll/exact.h"

namespace lotmark::agent {

class LinePattern {
 public:
  // {name} is a number (blanks, a sign, blanks, digits with a point or, if `comma`, a comma, and an exponent), {} one that
  // is passed over; a blank is one blank or more; * is any text; \ takes the next character as it is. At most 256 bytes.
  static Result<LinePattern> read(std::string_view text, bool comma);

  struct Number {
    std::string name;
    Exact value;
  };
  // The whole line must match; blanks at its ends do not count.
  std::optional<std::vector<Number>> match(std::string_view line) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  enum class Kind { kChar, kBlanks, kAny, kNumber };
  struct Part {
    Kind kind = Kind::kChar;
    char c = 0;
    std::size_t name = 0;  // place in names_; beyond it: passed over
  };
  bool take_number(std::string_view& line, Exact& out) const;
  // Behind a *, a number does not begin within another.
  bool cut_number(std::size_t part, std::string_view before) const;
  bool take(const Part& part, std::string_view& line, std::vector<Exact>& values) const;

  bool comma_ = false;
  std::vector<Part> parts_;
  std::vector<std::string> names_;
};

}  // namespace lotmark::agent
