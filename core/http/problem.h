// RFC 9457 problem details.
#pragma once

#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::http {

// application/problem+json, the one place where its bodies are made. Nothing in it need be UTF-8: what is not is replaced.
struct ProblemDetails {
  int status = 400;
  std::string_view type;    // a URI; empty: about:blank, which is left out (RFC 9457 section 4.2.1)
  std::string_view detail;  // empty: none
  std::string_view path =
      {};  // JSON pointer or parameter at fault, EPCIS's own member; empty: none
};
// Of status 503 with Retry-After.
Response problem(const ProblemDetails& problem);

// application/problem+json: title, status, detail; and `error` and `number`, those of Errc, if
// there is one. Of an internal error (status 500) the detail is not told: it belongs in the log.
Response problem(const Error& error);
Response problem(int status, std::string_view detail);
// The same of an error of ours under a status that HTTP has of its own for it: 408, 431 and the like.
Response problem(int status, const Error& error);

}  // namespace lotmark::http
