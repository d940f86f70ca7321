#include "api/epcis/problem.h"

#include "core/base/http_status.h"
#include "core/http/problem.h"

namespace lotmark::api::epcis {

Json to_json(const Problem& problem) {  // as http::problem has it
  Json j = {{"type", "epcisException:" + problem.type},
            {"title", std::string(http::reason_phrase(problem.status))},
            {"status", problem.status}};
  if (!problem.detail.empty()) j["detail"] = problem.detail;
  if (!problem.path.empty()) j["path"] = problem.path;
  return j;
}

http::Response to_response(const Problem& problem) {
  const std::string type = "epcisException:" + problem.type;
  auto out = http::problem({problem.status, type, problem.detail, problem.path});
  out.headers["Cache-Control"] = "no-store";
  return out;
}

http::Response to_response(const Error& error) {
  const int status = http_status(error.code);
  return to_response(Problem{
      status, "ImplementationException", status == 500 ? std::string() : error.message(), {}});
}

}  // namespace lotmark::api::epcis
