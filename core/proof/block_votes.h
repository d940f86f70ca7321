// A block that goes to those who hold no chain, and the votes it carries: checks 4, 8 and 9 of
// docs/format/verdict.md, for receipts, evidence and archived proofs.
#pragma once

#include "core/proof/statements.h"

namespace lotmark::proof {

// Conditions 3 to 5 of check 4: the block's place among the statements, its signer and signature. Gives the statement
// of its epoch.
Result<const Membership*> judge_of_block(const Signed<Block>& block, const Statements& statements);

// Every vote covers the block by its path, equals the others in what it says, and is a supervising member's.
// Gives the statement their size belongs to; null when there are no votes.
Result<const Membership*> check_block_votes(const Signed<Block>& block,
                                            const std::vector<Bytes>& votes,
                                            const Statements& statements);

}  // namespace lotmark::proof
