// How far above the open term the next one may be.
#pragma once

#include <cstdint>

#include "core/wire/limits.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// Term numbers end at 2^53-1, and one member's word must not use them up. A node that is cut off asks for a term every six
// seconds, each above the one before: a year and a half of that stays within
// the half of it in which turns are asked for.
inline constexpr std::uint64_t kTermLeap = std::uint64_t{1} << 24;

inline bool term_in_reach(std::uint64_t open, std::uint64_t term) {
  return term <= open || (term - open <= kTermLeap && term <= std::uint64_t{limits::kIntMax});
}

// Turns are asked for and given in half of that, and in a term more for each second since the newest block. Whoever asks
// for the highest, and has everybody bound to it, leaves the others a higher one a moment later; without that nobody
// could open a term any more.
inline bool term_may_be_asked(const PublicChain& chain, std::uint64_t term, Time now) {
  const std::uint64_t open = chain.term();
  const auto tip = from_ms(static_cast<std::int64_t>(chain.tip().body.time));
  const std::uint64_t seconds =
      now <= tip ? 0 : static_cast<std::uint64_t>((now - tip) / Millis{1000});
  return term_in_reach(open, term) && (term <= open || term - open <= kTermLeap / 2 + seconds);
}

}  // namespace lotmark::chain
