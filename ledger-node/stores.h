// The stores beside chain.db. Each holds what a node owes or has accepted and nobody can tell it again: promises given,
// approvals, evidence of turns it saw, an intake log. One that is lost must not begin as if it had never been, so
// chain.db notes those that were begun (docs/operate/running.md says what to do).
#pragma once

#include <filesystem>

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

// corrupt, naming the file, if chain.db notes that store and it is missing or empty. Before the store is opened.
Status check_store(const chain::PublicChain& chain, const std::filesystem::path& data_dir,
                   std::string_view name);
// Once it is open: from now on it must be there.
Status note_store(const chain::PublicChain& chain, std::string_view name);

}  // namespace lotmark::node
