// From a logger's file to readings: what the files before did not tell. No I/O.
#pragma once

#include "edge-agent/source/fridge_log/grammar.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent::fridge {

// Names of channels; an empty one is left out.
struct Channels {
  std::string min, max,
      average;  // degrees, with the time of the day at which it was; of the average: the day's end
  std::string below, above;  // seconds of the day beyond the logger's limits
  std::string file;          // sha256:HEX of the file's bytes, when it was made
};

struct DayOptions {
  Channels channels;
  std::chrono::minutes utc_offset{0};  // of the logger's clock: local time less UTC
};

// ms UTC of a logger's minute.
std::int64_t utc_ms(std::int64_t minute, const DayOptions& options);

// In the order of their times. `told`: when the file before was made; only what is later is given, and days in between that
// no file has, or that have no temperatures, are gaps (sensor-lost). On the day a file is made the day's end is that time.
std::vector<Reading> readings_of(const Log& log, const Digest& sha256, const DayOptions& options,
                                 std::optional<std::int64_t> told);

}  // namespace lotmark::agent::fridge
