// Details of a review as private.db keeps them. What its report says too, code and text of each finding, stands in the
// clear; claims and readings that were opened to be judged are sealed for this node alone (docs/format/sealed.md).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/sealed/keys.h"

namespace lotmark::review {

// Whose details they are: stands in each part that is sealed, so that none passes for another lot's, or for the other
// review of the same.
struct DetailsOf {
  Digest start;  // of the lot
  bool second = false;
};

// `details`: review_json.h. `key` null: as they are.
Result<std::string> keep_details(const nlohmann::json& details, const DetailsOf& of,
                                 const Digest& chain, const sealed::OpeningKey* key);
// All of it where `key` opens it and its findings are those that stand in the clear. Else what stands in the clear, and
// `closed`, why; an empty object if it is no JSON.
nlohmann::json open_details(const std::string& kept, const DetailsOf& of, const Digest& chain,
                            const sealed::OpeningKey* key);

}  // namespace lotmark::review
