// A 5x7 dot font of printable ASCII, for text on a PNG label.
#pragma once

#include <cstddef>

namespace lotmark::cli {

inline constexpr std::size_t kGlyphWidth = 5;
inline constexpr std::size_t kGlyphHeight = 7;

// Is the dot of `c` at (x, y) dark? Characters outside 0x20 to 0x7E show as '?'.
bool glyph_dot(char c, std::size_t x, std::size_t y);

}  // namespace lotmark::cli
