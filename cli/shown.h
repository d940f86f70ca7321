// Text that others wrote, made harmless for a terminal: what would move the cursor, paint, set a
// title or a clipboard, or turn the direction of writing is shown as the number it is.
#pragma once

#include <string>
#include <string_view>

namespace lotmark::cli {

enum class Newlines { kShown, kKept };

// Control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls and bytes
// that are no UTF-8 become "\x1b" or "\u202e"; everything else is left as it is.
std::string shown(std::string_view text, Newlines newlines = Newlines::kShown);
// The same for the text of a JSON value, as escapes that mean the same value; newlines are layout.
std::string shown_json(std::string_view json);
// True for well-formed UTF-8: no surrogates, nothing overlong, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace lotmark::cli
