// Lots that rest on a key as far as the chain and what was disclosed show.
#pragma once

#include "ledger-node/taint/tainted_lot.h"

namespace lotmark::taint {

// With the time of its block.
Result<Suspicion> suspect(const chain::PublicChain& chain, const KeyId& key, std::uint64_t block);

// Adds the lots of blocks from the suspected one on: whose application, release, block or disclosed record the key
// signed, whose disclosed claims name it as device or enroller, or whose finality needs its vote. That a record or reading
// dates itself earlier takes no lot off: whoever took the key writes such dates.
Status find_public(const chain::PublicChain& chain, const Suspicion& s, TaintedLots& lots);

// How many entries of that signer's log the period blocks before `block` had logged: what came later may have been
// made by whoever took a key.
Result<std::uint64_t> logged_before(const chain::PublicChain& chain, const KeyId& keeper,
                                    LogKind log, std::uint64_t block);

}  // namespace lotmark::taint
