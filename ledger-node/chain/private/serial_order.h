// How serials that came in any order get the items tree's order, a portion at a time: entries wait by the first byte of
// their salted hash (serials_sent_part) and leave as pages (lot_serials). What stands on the pages says where to go on.
// Included by lot_serials.cpp; each call is inside the caller's transaction.
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/item_proofs.h"
#include "ledger-node/chain/private/serial_page.h"

namespace lotmark::chain {

// Entries of serials that came as page `page`.
Status keep_parts(const store::Database& db, const Digest& start, std::uint64_t page,
                  const proof::LotSalt& salt, const std::vector<std::string>& serials);
// The next pages in order, at least one if there is any left; true once all stand. list-duplicate names a serial that
// came twice.
Result<bool> place_portion(const store::Database& db, const Digest& start);
// Pages that stand.
Result<std::uint64_t> placed_pages(const store::Database& db, const Digest& start);
// Count and root over all of them.
Result<ItemsOf> items_placed(const store::Database& db, const Digest& start);

}  // namespace lotmark::chain
