// The form that all of a logger's file has: lines of "key: value, key: value", one blank more in front for each level. A line
// with one key and no value holds the deeper ones that follow it. No I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lotmark::agent::fridge {

inline constexpr std::size_t kNone = std::string_view::npos;

struct Entry {
  std::size_t line = 0;        // from 1
  std::size_t parent = kNone;  // the place of the entry that holds it
  std::string_view key;
  std::string_view value;
};

// Views of `text`. field-range: not this form, more than `lines_max` lines, or a character that is not printable ASCII.
Result<std::vector<Entry>> read_tree(std::string_view text, std::size_t lines_max);

}  // namespace lotmark::agent::fridge
