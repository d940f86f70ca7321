// GS1's check digit and check character pair (GS1 General Specifications 7.9).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lotmark::gs1 {

// The digit that belongs behind `digits`, which are digits only: from the right they weigh 3 and 1 in turn.
char mod10_digit(std::string_view digits);
// Whether the last of at least two digits is that of those before it.
bool mod10_holds(std::string_view digits);
// The two characters behind a GMN or MUDI of at most 23 characters of set 82; nothing for others.
std::optional<std::string> check_pair(std::string_view text);

}  // namespace lotmark::gs1
