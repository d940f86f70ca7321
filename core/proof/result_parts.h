// What the JSON results of receipts, archived proofs, event proofs and evidence have in common (docs/format/verdict.md,
// "Result"). Included by core/proof's own sources only.
#pragma once

#include <nlohmann/json.hpp>

#include "core/proof/verdict.h"

namespace lotmark::proof {

nlohmann::json finality_json(const Finality& finality);
nlohmann::json check_json(std::string_view name, const CheckResult& check);
nlohmann::json codes_json(const std::vector<std::string_view>& codes);

// Each under its name; Name enumerates the places of `checks`.
template <class Name, std::size_t N>
nlohmann::json checks_json(const std::array<CheckResult, N>& checks) {
  auto out = nlohmann::json::array();
  for (std::size_t i = 0; i < N; ++i)
    out.push_back(check_json(name(static_cast<Name>(i)), checks[i]));
  return out;
}

}  // namespace lotmark::proof
