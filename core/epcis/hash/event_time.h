// Points in time as EPCIS events write them (xsd:dateTimeStamp) and as the canonical event hash does (CBV 2.0, section
// on the event hash: UTC, three decimals, "Z"). Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::epcis {

// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z in milliseconds since 1970.
inline constexpr std::int64_t kEventTimeMin = -62'167'219'200'000;
inline constexpr std::int64_t kEventTimeMax = 253'402'300'799'999;
// Longer texts are no times here, however many decimals they have.
inline constexpr std::size_t kEventTimeTextMax = 64;

// "2020-03-04T11:00:30.1415+01:00" as milliseconds since 1970 in UTC: date, "T", time with seconds, any number of
// decimals, and "Z" or an offset of at most 14 hours. A fourth decimal of 5 or more rounds the third up. Nothing for
// any other form, for a day that does not exist, 24:00:00 or a leap second (":60": milliseconds since 1970 have no
// place for it), and for a point outside years 0000 to 9999 in UTC.
std::optional<std::int64_t> event_time_ms(std::string_view text);

// "2020-03-04T10:00:30.142Z". `ms` from kEventTimeMin to kEventTimeMax; beyond, the nearer of them is written.
std::string event_time_text(std::int64_t ms);

}  // namespace lotmark::epcis
