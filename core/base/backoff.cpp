#include "core/base/backoff.h"

#include <algorithm>

#include "core/base/random.h"

namespace lotmark {

Millis Backoff::failed() {
  const Millis pause = std::min<Millis>(first_ * (1LL << std::min(failures_, 20U)), most_);
  ++failures_;
  std::uint8_t dice = 0;
  fill_random(&dice, 1);
  return pause * 3 / 4 + pause * dice / 510;
}

}  // namespace lotmark
