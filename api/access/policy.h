// Who may do what in the REST API: one table of all its routes (policy.cpp). What is not in it is not served.
#pragma once

#include <string>
#include <string_view>

#include "api/access/roles.h"
#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::api::access {

enum class Verdict : std::uint8_t {
  kAllowed,
  kNoRoute,        // 404: the path is not in the table
  kNoMethod,       // 405: it is, without this method
  kNoCredentials,  // 401: somebody in particular may, the caller said not who it is
  kForbidden,  // 403: the caller has none of the roles, or is not on this machine where it must be
};

// The part of a caller that matters here (caller.h).
struct Standing {
  RoleSet roles{};
  bool known = false;     // by credentials
  bool loopback = false;  // a program of this machine, not through a proxy
};

struct Decision {
  Verdict verdict = Verdict::kNoRoute;
  // The pattern, "/events/{id}": for metrics and the access log; empty for kNoRoute.
  std::string_view route;
  RoleSet needed;  // any of these; empty where everybody may
  // The caller's roles that let it in: what it may be shown follows from these alone.
  RoleSet granted;
  std::string allow;   // methods of the path, for the Allow header: "GET, HEAD, OPTIONS"
  bool epcis = false;  // refusals have the body of EPCIS 2.0 (REST bindings, ProblemResponseBody)
  // Not open to everybody: each request goes to the access log, refused or not.
  bool is_private = false;
};

// `method` in upper case, `path` as sent. HEAD is judged as GET; OPTIONS of a path in the table is everybody's, because
// browsers ask without credentials before they send any. A path with "." or ".." as a segment, encoded or not, is in no
// row, so that nobody behind this reads it as another one.
Decision decide(std::string_view method, std::string_view path, const Standing& caller);

// A problem in the form of the decision's route: of EPCIS 2.0 for its routes, else of RFC 9457. `status` is none that
// has to do with who calls.
http::Response route_problem(const Decision& decision, int status, std::string_view detail);
// The same of what the server refuses before a handler sees it (http::ServerOptions::refusal).
http::Response server_refusal(const http::Request& head, int status, const Error& error);
// The answer to whom `decision` does not allow; not for kAllowed.
http::Response refusal(const Decision& decision, const Standing& caller);
// 401 to credentials that do not hold (RFC 6750 section 3.1, invalid_token), with a sentence why, which must not say more
// than the caller knows.
http::Response bad_credentials(const Decision& decision, std::string_view why);

}  // namespace lotmark::api::access
