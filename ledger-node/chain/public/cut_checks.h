// What a cut block must keep (docs/format/cut.md, check of a cut block).
#pragma once

#include "core/proof/lot_objects.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_range.h"

namespace lotmark::chain {

// All steps, 2 and 3 by proof::check_flags. What the range's blocks give, for who stores the block.
Result<CutContent> check_cut_body(const PublicChain& chain, const Block& block,
                                  const Membership& judge);
// Steps 1 and 4 by themselves, for who is asked for a flag.
Status check_cut_range(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                       const CutAsOf& as_of);

}  // namespace lotmark::chain
