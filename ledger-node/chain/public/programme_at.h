// A programme's numbers change by a statement; a lot finishes under those that stood when it was opened.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// By the statement that was in force at `ms` (UTC), as block times have it. Null: none of that id stood there.
const Programme* programme_at(const PublicChain& chain, std::string_view id, std::uint64_t ms);

}  // namespace lotmark::chain
