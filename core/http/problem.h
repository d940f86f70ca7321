// RFC 9457 problem details.
#pragma once

#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::http {

// application/problem+json: title, status, detail; and `error` and `number`, those of Errc, if
// there is one. Of an internal error (status 500) the detail is not told: it belongs in the log.
Response problem(const Error& error);
Response problem(int status, std::string_view detail);
// The same of an error of ours under a status that HTTP has of its own for it: 408, 431 and the like.
Response problem(int status, const Error& error);

}  // namespace lotmark::http
