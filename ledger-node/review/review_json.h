// Reviews as the control routes show them (docs/operate/peer.md).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "ledger-node/review/findings.h"
#include "ledger-node/review/review_store.h"

namespace lotmark::review {

// review.details: findings with readings and paths, and the claims. Kept, so that what was shown to a person
// stays what it was.
nlohmann::json details_json(const ReviewFindings& findings);
// The findings of kept details, as a report holds them; corrupt if they are not ours.
Result<std::vector<Finding>> findings_of(const std::string& details);

// One line of the list; `self` is this reviewer.
nlohmann::json summary_json(const ReviewRow& row, const chain::PublicChain& chain,
                            const KeyId& self);
// The same with findings and claims. `key` opens what the node sealed for itself; null: it has none.
nlohmann::json review_json(const ReviewRow& row, const chain::PublicChain& chain, const KeyId& self,
                           const sealed::OpeningKey* key = nullptr);

}  // namespace lotmark::review
