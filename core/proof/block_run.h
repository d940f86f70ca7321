// What the files that prove something by one block have in common, be they receipts, archived proofs or event proofs:
// checks 1, 3, 4, 8 and 9 of docs/format/verdict.md. Included by core/proof's own sources only.
#pragma once

#include "core/proof/verdict.h"

namespace lotmark::proof {

// One such file's run through these checks: each gives its first error and fills what the later ones read.
struct BlockRun {
  const Statements* statements = nullptr;  // held by the caller, or `own`
  std::optional<Statements> own{};
  std::optional<ReceiptBlock> block{};
  const Membership* judge = nullptr;       // statement of the block's epoch
  const Membership* vote_judge = nullptr;  // statement the votes' size belongs to
  bool chain_differs = false;              // a header named another chain: unknown, not tampered

  const Digest& chain() const { return statements->chain(); }
  const Block& body() const { return block->block.body; }

  Status start(ByteView anchor);
  // The file's own statements, behind the anchor's.
  Status follow(const std::vector<Bytes>& later);
  Status open(ByteView object, BlockKind kind);
  Status check_votes();
  // `finality` is set and `why` says it in words, whether it is reached or not.
  Status check_quorum(std::optional<Finality>& finality, std::string& why) const;
};

}  // namespace lotmark::proof
