// A stretch of bundles that gave way to others, as its gap will name it.
#pragma once

#include "core/base/bytes.h"
#include "core/wire/device.h"

namespace lotmark::agent {

struct Stretch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<Digest> prev;  // id before the first
  std::optional<Digest> lost;  // id of the last
  std::uint64_t readings = 0;
};

}  // namespace lotmark::agent
