// Folds the reading a reviewer's finding shows up to the claim it belongs to, so that the
// reviewer's words need not be believed (docs/format/trees.md).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"

namespace lotmark::cli {

// `finding` and `claim` as /control/v1/reviews/{lot} gives them. The reading's entry must be what
// the finding says, lie in its channel, and that in the claim's evidence: annotations and hashes
// alike. sample-path, annotation or field-type; not-found if the finding shows no reading.
Status check_finding(const nlohmann::json& finding, const nlohmann::json& claim);

}  // namespace lotmark::cli
