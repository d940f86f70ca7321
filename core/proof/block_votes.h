// The votes that a block carries to those who hold no chain: checks 8 and 9 of docs/format/verdict.md, for
// receipts and for evidence.
#pragma once

#include "core/proof/statements.h"

namespace lotmark::proof {

// Every vote covers the block by its path, equals the others in what it says, and is a supervising member's.
// Gives the statement their size belongs to; null when there are no votes.
Result<const Membership*> check_block_votes(const Signed<Block>& block,
                                            const std::vector<Bytes>& votes,
                                            const Statements& statements);

}  // namespace lotmark::proof
