#include "core/http/problem.h"

#include <nlohmann/json.hpp>

#include "core/base/http_status.h"

namespace lotmark::http {

using Json = nlohmann::json;

static Response write(int status, Json members) {
  members["title"] = reason_phrase(status);
  members["status"] = status;
  Response r = text_response(status, "application/problem+json",
                             members.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (status == 503) r.headers["Retry-After"] = "1";
  return r;
}

Response problem(const ProblemDetails& p) {
  Json members = Json::object();
  if (!p.type.empty()) members["type"] = p.type;
  if (!p.detail.empty()) members["detail"] = p.detail;
  if (!p.path.empty()) members["path"] = p.path;
  return write(p.status, std::move(members));
}

Response problem(const Error& error) { return problem(http_status(error.code), error); }

Response problem(int status, const Error& error) {
  Json members = {{"error", name(error.code)}, {"number", static_cast<unsigned>(error.code)}};
  if (status != 500 && !error.text.empty()) members["detail"] = error.text;
  return write(status, std::move(members));
}

Response problem(int status, std::string_view detail) {
  return problem(ProblemDetails{status, {}, detail});
}

}  // namespace lotmark::http
