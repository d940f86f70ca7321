// Whether the chain holds period records that are not here: rows that came out of a copy may lack what the organisation
// recorded since. Going on from the newest row here would put two transactions behind one, which is evidence against the
// member (docs/adr/0019).
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

class LostRecords {
 public:
  // Rows of `db` (private.db) came out of a copy at `resumed_at` (ms UTC); `signed_by` signs the node's transactions.
  // All that is pointed to must outlive it.
  LostRecords(const store::Database& db, const chain::PublicChain& chain, const KeyId& signed_by,
              std::uint64_t resumed_at)
      : db_(db), chain_(chain), kid_(signed_by), resumed_at_(resumed_at) {}

  // Looks on through the chain, a bounded number of blocks a call, until a period block that was made after the copy
  // came back. True once none is missing that the chain shows by then; corrupt, naming the block, if one is. A
  // transaction that was promised by a primary whose role moved away before the block came may still be unseen.
  Result<bool> none();

 private:
  Status begin();
  Status look_at(std::uint64_t number);

  const store::Database& db_;
  const chain::PublicChain& chain_;
  KeyId kid_;
  std::uint64_t resumed_at_;
  std::uint64_t next_ = 0;  // block to look at; 0: not begun
  bool over_ = false;
};

}  // namespace lotmark::node
