// What a damaged chain.db still gives of a chain that was cut: the new file begins behind the newest cut, by the proofs
// that another node would give for it (join.h).
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// `fresh` has the genesis alone. It stays so where nothing was dropped in `old` (not-found) and where what is left there
// does not prove itself: join errors.
Status begin_behind_cut(const store::Database& old, PublicChain& fresh);

}  // namespace lotmark::chain
