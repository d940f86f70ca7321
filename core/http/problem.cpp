#include "core/http/problem.h"

#include <nlohmann/json.hpp>

#include "core/base/http_status.h"

namespace lotmark::http {

static Response write(int status, nlohmann::json extra, std::string_view detail) {
  extra["title"] = reason_phrase(status);
  extra["status"] = status;
  if (!detail.empty()) extra["detail"] = detail;
  using Json = nlohmann::json;
  return text_response(status, "application/problem+json",
                       extra.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Response problem(const Error& error) { return problem(http_status(error.code), error); }

Response problem(int status, const Error& error) {
  const nlohmann::json extra = {{"error", name(error.code)},
                                {"number", static_cast<unsigned>(error.code)}};
  Response r = write(status, extra, status == 500 ? std::string_view{} : error.text);
  if (status == 503) r.headers["Retry-After"] = "1";
  return r;
}

Response problem(int status, std::string_view detail) {
  return write(status, nlohmann::json::object(), detail);
}

}  // namespace lotmark::http
