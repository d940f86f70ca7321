// Who has a block to be ordered that no member submitted: the primary asks, while it orders.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

class BlockSource {
 public:
  virtual ~BlockSource() = default;
  // What is due; the same again until it is on the chain or refused. Cheap when nothing is.
  virtual std::optional<std::pair<BlockKind, BlockBody>> due() = 0;
  // The chain's own checks of the body, in the block as it would be. What fails is never signed.
  virtual Status fits(const Block& block) = 0;
};

}  // namespace lotmark::node
