// What the test is told: one JSON object a line on standard output, each with "event" and "t" (ms UTC). Any thread.
#pragma once

#include <nlohmann/json.hpp>

namespace lotmark::e2e {

void say(const char* event, nlohmann::json fields);
std::int64_t now_ms();

}  // namespace lotmark::e2e
