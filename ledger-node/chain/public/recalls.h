// Recalls, as the blocks say (docs/format/public.md, recall).
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

struct OpenRecall {
  Gtin gtin;
  std::optional<LotNumber> lot;  // nothing: every lot of the GTIN
  std::uint64_t block = 0;       // that opened it
  std::uint64_t time = 0;        // as its signer says, ms UTC
  std::string reason;
  KeyId signer;
};

// The recall that stands for a lot: its own, else one of the whole GTIN. Nothing: none is open.
Result<std::optional<OpenRecall>> open_recall(const PublicChain& chain, const Gtin& gtin,
                                              const LotNumber& lot);
// All that stand, in the order of their blocks.
Result<std::vector<OpenRecall>> open_recalls(const PublicChain& chain);

// A recall by itself: signed by a supervising member. Its id is one that may be on the chain once.
Status check_recall_body(const PublicChain& chain, const ObjectBytes& body, const Membership& judge,
                         std::vector<Digest>& once);

// The row of a block of that kind; in the transaction that takes the block.
Status take_recall(const store::Database& db, const Signed<Block>& block, const Digest& chain);

}  // namespace lotmark::chain
