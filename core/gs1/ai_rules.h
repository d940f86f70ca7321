// What a part of an application identifier's value must hold beyond its characters and length.
#pragma once

#include <string_view>

#include "core/gs1/ai.h"

namespace lotmark::gs1 {

// Empty if `part`, whose characters and length are right, keeps the rule; else what is wrong, to be put behind the
// identifier: "has a wrong check digit".
std::string_view broken_rule(AiRule rule, std::string_view part);

}  // namespace lotmark::gs1
