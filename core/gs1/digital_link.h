// GS1 Digital Link URIs of a lot, and the text under a label's code. The subset that names lots and
// items: key 01 with the qualifiers 10 and 21, in that order (GS1 Digital Link URI syntax 1.6). Links of
// every key are link.h's. This reader is another one on purpose: labels are read by the same rules in the
// page (mobile-qr), held together by vectors, and stay readable whatever link.h comes to refuse: it takes a
// slash at the end, a GTIN of 8, 12 or 13 digits and attributes of two to four digits that GS1 does not know.
#pragma once

#include <optional>

#include "core/base/result.h"
#include "core/wire/values.h"

namespace lotmark::gs1 {

struct DigitalLink {
  Gtin gtin;
  std::optional<LotNumber> lot;
  std::optional<std::string> serial;  // 1 to 20 bytes of the lot's character set
};

// Digit 14 for the first 13 digits; nothing if they are not 13 digits.
std::optional<char> check_digit(std::string_view first13);
// 8, 12 or 13 digits padded with zeros on the left to 14; the check digit is not looked at.
std::string pad_gtin(std::string_view digits);
// Percent-decoded value of a serial, as a lot number's rule has it.
bool valid_serial(std::string_view serial);

// `path` as sent: /01/GTIN[/10/LOT][/21/SERIAL], percent-encoded; one slash at the end is read
// over. `query` may carry attributes: each numeric key needs a value and must not repeat what the
// path says. gtin, lot or field-range (serial) for a bad value, usage if it is no link of this
// form.
Result<DigitalLink> parse_path(std::string_view path, std::string_view query = {});
// The same with scheme, host and any path before the key.
Result<DigitalLink> parse_uri(std::string_view uri);

// "/01/06901234567892/10/A-2026%2F01". Of valid values.
std::string path_of(const DigitalLink& link);
// "https://id.example/01/...": `origin` with or without a scheme (https) and a slash at its end.
std::string digital_link(std::string_view origin, const Gtin& gtin, const LotNumber& lot);

// "(01)06901234567892(10)A-2026/01(17)281231": what people read under the code.
std::string element_string(const Gtin& gtin, const LotNumber& lot, const Expiry& expires);

}  // namespace lotmark::gs1
