// Histories that part from this node's chain, as it was shown them or had them itself: the ids from where they part.
// In memory, the newest few: a restarted node is shown them again by who holds them.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

struct Branch {
  std::uint64_t from = 0;   // number of its first block
  Digest base;              // the block before it
  std::vector<Digest> ids;  // of its blocks
  Bytes first;              // the first block; empty of what was this node's own
};

class Branches {
 public:
  static constexpr std::size_t kMax = 16;
  static constexpr std::size_t kIds = 4096;

  // True if that says something new: a branch with another first block, or one that is longer now.
  bool add(Branch branch);
  const std::vector<Branch>& all() const { return list_; }

  // A branch's whole tree; nothing if `ours`, the chain's, does not hold the block it grows from.
  static std::optional<merkle::MemoryTree> tree(const merkle::MemoryTree& ours, const Branch& b);

 private:
  std::vector<Branch> list_;  // oldest first
};

}  // namespace lotmark::node
