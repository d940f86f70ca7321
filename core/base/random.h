// Bytes from the operating system's generator (getrandom); aborts if it has none to give.
#pragma once

#include "core/base/bytes.h"

namespace lotmark {

void fill_random(std::uint8_t* out, std::size_t size);

template <class F>
F random_fixed() {
  F f;
  fill_random(f.data(), F::kSize);
  return f;
}

}  // namespace lotmark
