// The text file of a Fridge-tag 2 refrigerator logger, as it writes it for its USB host. The accepted grammar stands in
// docs/operate/fridge_logs.md. No I/O.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::agent::fridge {

inline constexpr std::size_t kDaysMax = 400;
inline constexpr std::size_t kLinesMax = 20000;
inline constexpr std::int64_t kDayMinutes = 24 * 60;

// Times are minutes since 1970 by the logger's own clock, which knows no zone.
struct Extreme {
  std::int64_t tenths = 0;  // of a degree Celsius
  std::int64_t minute = 0;
};
struct Day {
  std::int64_t begin = 0;  // its first minute
  std::optional<Extreme> lowest;
  std::optional<Extreme> highest;
  std::optional<std::int64_t> average_tenths;
  std::int64_t below_minutes = 0;  // the lower limit, in all
  std::int64_t above_minutes = 0;
};

struct Log {
  std::string device;
  std::string serial;
  std::int64_t activated = 0;
  std::int64_t created = 0;  // when the logger wrote the file
  std::vector<Day> days;     // the oldest first
  Bytes public_key;          // 64 bytes each, as they stand in the file
  Bytes signature;
  std::size_t signed_bytes = 0;  // of the file: up to the line that holds the signature
};

// Is there anything left to come? True unless the text ends with a whole line of the signature.
bool incomplete(std::string_view text);

// field-range: says the line and what is wrong with it.
Result<Log> read_log(std::string_view text);

}  // namespace lotmark::agent::fridge
