// How old the calibrations are that the birth message tells of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "edge-agent/config/config.h"

namespace lotmark::agent {

struct CalibrationAge {
  std::string channel;
  std::int64_t days = 0;  // since its day; negative: it is of a later day
  std::optional<std::int64_t>
      due;  // days left, 0 on the last; negative: overdue. None without `days`
};

// By channel. Days are of UTC.
std::vector<CalibrationAge> calibration_ages(const Config& config, Time now);

}  // namespace lotmark::agent
