// What our parser makes of Digital Links, for comparing with others': a URI a line comes in, a line of JSON goes out.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/gs1/link.h"

namespace lotmark::gs1::test {
namespace {

nlohmann::json pairs(const std::vector<AiValue>& values) {
  auto out = nlohmann::json::array();
  for (const auto& v : values) out.push_back({v.ai, v.value});
  return out;
}

nlohmann::json said(const std::string& uri) {
  const auto link = read_link(uri);
  if (!link) return {{"valid", false}, {"why", link.error().message()}};
  return {{"valid", true},
          {"key", {link->key.ai, link->key.value}},
          {"qualifiers", pairs(link->qualifiers)},
          {"attributes", pairs(link->attributes)},
          {"others", link->others},
          {"uri", link_uri(*link)}};
}

}  // namespace
}  // namespace lotmark::gs1::test

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << lotmark::gs1::test::said(line).dump(-1, ' ', false,
                                                     nlohmann::json::error_handler_t::replace)
              << "\n";
}
