// Collects what the next period block will log: one newest head a log of each member.
#pragma once

#include <map>

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

class PeriodCollector {
 public:
  explicit PeriodCollector(const chain::PublicChain& chain) : chain_(chain) {}

  // Checks signature, role and that it continues the last logged head; keeps the newest.
  Status take_head(ByteView object, const KeyId& from);
  // The body of the next period block: heads sorted by kid then id, and members of whom none came.
  PeriodBody body() const;
  void clear() { heads_.clear(); }

 private:
  const chain::PublicChain& chain_;
  std::map<std::pair<KeyId, LogKind>, Signed<Head>> heads_;
};

}  // namespace lotmark::node
