// Beginning behind a cut: what a node without the bodies takes from others in their place, and what proves it
// (docs/format/cut.md, joining).
#pragma once

#include "core/wire/cut.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// As others gave it, nothing checked.
struct JoinOffer {
  Bytes cut_block;                // the newest final cut block, votes in 394
  std::vector<Bytes> statements;  // Objects of epochs 1, 2, ...
  std::vector<Bytes> heads;       // snapshot heads of all cuts up to it, in order
  Bytes state;                    // state file of that cut
};

// What the offer proves by the anchor: the cut, its state, and a root with a quorum above it.
struct JoinPoint {
  proof::Statements statements;  // up to the offer's newest
  std::uint64_t cut_block = 0;
  std::vector<SnapshotHead> cuts;  // in order; the last is the newest
  std::vector<Bytes> heads;        // their bytes
  CutState state;
  Bytes state_bytes;
  Checkpoint voted;  // of block ids, with a quorum

  std::uint64_t last() const { return cuts.back().last; }
};
// Errors of the statements, of the block, its flags and votes; quorum; cut-content where heads or state are not those
// that the block names.
Result<JoinPoint> check_offer(const PublicChain& chain, const JoinOffer& offer);

// What goes with it, in files of the node's own, so that memory does not grow with the chain.
class JoinParts {
 public:
  virtual ~JoinParts() = default;
  // Leaf hash of block n, 0 <= n < voted.size.
  virtual Result<Digest> leaf(std::uint64_t number) const = 0;
  // Blocks below last() that kept their bodies, one after the other; nothing at the end.
  virtual Result<std::optional<Bytes>> next_kept() = 0;
  // All of one cut, in the order of its tree.
  virtual Result<std::vector<Tombstone>> tombstones(const SnapshotHead& cut) = 0;
};

// Checks the parts against the point and takes all of it in place of what this chain holds; all of it happens or
// nothing. block-fork if what is final here stands in another history; cut-content or tree-path if a part is not what
// it should be.
Status install(PublicChain& chain, const JoinPoint& point, JoinParts& parts);

}  // namespace lotmark::chain
