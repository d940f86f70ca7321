// Single values in the form the canonical event hash gives them (CBV 2.0, section on the event hash).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/epcis/context.h"

namespace lotmark::epcis {

// Numbers with more digits before or behind the point than this are left as they are written.
inline constexpr int kNumberDigitsMax = 400;

// A decimal number as it stands in the hash: no "+", no zeros in front or at the end of decimals, no exponent, "0" for
// any zero: "26.0" is "26", "+1.50e1" is "15", "1e-7" is "0.0000001". Digit by digit, so none is lost. Nothing for a
// text that is no number.
std::optional<std::string> canonical_number(std::string_view text);

// Of a JSON number: of an integer that nlohmann keeps (-2^63 to 2^64-1) exactly; of any other the shortest decimal that
// reads as the same double. What a double cannot hold (over 15 to 17 digits) was lost when the JSON was read. Nothing
// for infinity, NaN and what is no number.
std::optional<std::string> number_text(const Json& number);

// Without white space around it.
std::string_view trimmed(std::string_view text);

// Any text value: trimmed; "prefix:rest" with a prefix of the context as the whole URI; a standard value of
// urn:epcglobal:cbv as its https://ref.gs1.org/cbv URI; a number in its canonical form, since XML does not tell a
// number from a text; what identifies something of GS1's as its canonical Digital Link.
std::string canonical_text(std::string_view text, const Context& context);

// A standard value: a bare word behind `space` ("in_transit" behind "https://ref.gs1.org/cbv/Disp-"), else as above.
std::string canonical_word(std::string_view text, std::string_view space, const Context& context);

}  // namespace lotmark::epcis
