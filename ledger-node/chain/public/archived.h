// What a node answers of a lot whose body it dropped (docs/format/archived.md).
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// The file that proves the newest block of that lot to have been cut, with today's votes on the cut block. Nothing if
// no body of that lot was dropped here.
Result<std::optional<Bytes>> archived_proof(const PublicChain& chain, const Gtin& gtin,
                                            const LotNumber& lot);

}  // namespace lotmark::chain
