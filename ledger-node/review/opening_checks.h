// A reviewer's checks of an opening, in the order of docs/format/public.md. No I/O.
#pragma once

#include "core/wire/sign1.h"

namespace lotmark::review {

struct OpeningFacts {
  const Membership* statement = nullptr;       // newest; outlives the call
  KeyId self;                                  // the reviewer that is asked
  std::optional<std::uint64_t> start_arrived;  // ms UTC; nothing: the start signal never came here
  bool start_used = false;                     // by another opening
  bool line_known = false;                     // its line file is in this node's configuration
};

// The signer may be `from` only. application-signer, cose-signature, start-used, programme-unknown, gtin-prefix,
// release-signer, opening-count.
Status check_opening(const Signed<Opening>& opening, const Member& from, const OpeningFacts& facts,
                     std::uint64_t now_ms);

}  // namespace lotmark::review
