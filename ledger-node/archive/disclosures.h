// What enterprises disclosed of the lots of a cut (docs/format/cut.md, disclosures file). No hash on the chain covers
// it: each entry is checked against its block when it is used.
#pragma once

#include <map>

#include "ledger-node/archive/archive_reader.h"
#include "ledger-node/chain/public/disclosures.h"

namespace lotmark::node {

// Those of blocks first to last that this chain still has, in order, in pieces.
Status write_disclosures(const chain::PublicChain& chain, std::uint64_t first, std::uint64_t last,
                         const std::function<Status(ByteView)>& sink);

// One entry after the other; nothing at the end.
Result<std::optional<chain::ToldOf>> next_disclosure(ItemFile& file);

}  // namespace lotmark::node
