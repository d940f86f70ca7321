// Promises given to this node, each until the chain answers it: by a decision on its application, or by a final block
// above the deadline and 120 s without one. Then a file is made, but only where the chain as it is would still take the
// object: what another decision made impossible, no honest primary could keep.
#pragma once

#include "core/base/clock.h"
#include "core/store/database.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

class PromiseWatch {
 public:
  static constexpr std::uint64_t kPromises = 10000;

  // `db` (evidence.db) must outlive it.
  explicit PromiseWatch(const store::Database& db) : db_(&db) {}

  // Remembers it; too-large above the bound.
  Status add(const Signed<Promise>& promise, ByteView object, const Digest& application);
  // Those that no final block answered: how many are remembered, and of how many the deadline has passed.
  struct Counts {
    std::uint64_t held = 0;
    std::uint64_t overdue = 0;
  };
  Result<Counts> count(const chain::PublicChain& chain, Time now) const;
  // Files to be judged, of at most a few promises a call; these are remembered no longer.
  Result<std::vector<Bytes>> due(const chain::PublicChain& chain);

 private:
  struct Row;
  Result<std::optional<Bytes>> judge(const chain::PublicChain& chain, const Row& row) const;
  const store::Database* db_;
};

}  // namespace lotmark::node
