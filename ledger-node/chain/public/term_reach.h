// How far above the open term the next one may be.
#pragma once

#include <cstdint>

#include "core/wire/limits.h"

namespace lotmark::chain {

// Term numbers end at 2^53-1, and one member's word must not use them up. A node that is cut off asks for a term every six
// seconds, each above the one before: three years of that stay within reach.
inline constexpr std::uint64_t kTermLeap = std::uint64_t{1} << 24;

inline bool term_in_reach(std::uint64_t open, std::uint64_t term) {
  return term <= open || (term - open <= kTermLeap && term <= std::uint64_t{limits::kIntMax});
}

}  // namespace lotmark::chain
