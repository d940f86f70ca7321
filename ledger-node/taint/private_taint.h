// Lots that rest on a key as far as a node's own private.db shows: an enterprise's batches, a reviewer's reviews.
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/segment_reader.h"
#include "ledger-node/taint/tainted_lot.h"

namespace lotmark::taint {

// Adds an enterprise's lots with records the key signed since then, with evidence of that device which no period block
// had logged before, or opened on its start signal. `self`: the enterprise, whose intake log it is.
// What `lots` holds of them only because nobody else can tell when it came, goes.
// A sealed segment that `keys` do not open may be a claim that rests on it: its step is named as not opened.
Status find_in_batches(const store::Database& private_db, const chain::PublicChain& chain,
                       const KeyId& self, const Suspicion& s, TaintedLots& lots,
                       const chain::OpeningKeys& keys = {});
// Adds a reviewer's lots, by the rows it fetched and the times of its own arrivals. The same of what stays sealed.
Status find_in_reviews(const store::Database& private_db, const chain::PublicChain& chain,
                       const Suspicion& s, TaintedLots& lots, const chain::OpeningKeys& keys = {});

}  // namespace lotmark::taint
