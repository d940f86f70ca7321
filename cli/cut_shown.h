// What may be cut, and what holds it up, in words.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/output.h"

namespace lotmark::cli {

// As POST /control/v1/cuts answers it (docs/operate/peer.md).
void show_plan(const nlohmann::json& plan, Output& out);

}  // namespace lotmark::cli
