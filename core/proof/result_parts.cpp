#include "core/proof/result_parts.h"

namespace lotmark::proof {

using nlohmann::json;

json finality_json(const Finality& f) {
  return {{"votes", f.votes}, {"quorum", f.quorum}, {"members", f.members}};
}

json check_json(std::string_view name, const CheckResult& c) {
  return {{"name", std::string(name)},
          {"ok", c.ok ? json(*c.ok) : json()},
          {"error", c.error == Errc::kOk ? json() : json(std::string(lotmark::name(c.error)))},
          {"why", c.why}};
}

json codes_json(const std::vector<std::string_view>& codes) {
  json out = json::array();
  for (auto code : codes) out.push_back(std::string(code));
  return out;
}

}  // namespace lotmark::proof
