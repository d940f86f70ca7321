// What operators see of cutting (docs/operate/peer.md).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "ledger-node/chain/public/cut_range.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/cut/cut_round.h"

namespace lotmark::node {

nlohmann::json to_json(const chain::HeldUp& held_up);
nlohmann::json to_json(const chain::CutPlan& plan);
nlohmann::json to_json(const chain::CutEntry& cut, const chain::PublicChain& chain);
nlohmann::json to_json(const CutRound& round, std::uint64_t quorum);

}  // namespace lotmark::node
