// Problem bodies of EPCIS 2.0 (section 12, and GS1's OpenAPI file): RFC 9457 with a type "epcisException:...".
#pragma once

#include "core/epcis/context.h"
#include "core/http/message.h"

namespace lotmark::api::epcis {

using lotmark::epcis::Json;

struct Problem {
  int status = 400;
  std::string type;  // without "epcisException:"
  std::string detail;
  std::string path =
      {};  // JSON pointer into what was sent, or the parameter at fault; empty: of the whole
};

Json to_json(const Problem& problem);
http::Response to_response(const Problem& problem);

// Of one of our own errors, met while serving: its status, and ImplementationException; what it says only below 500.
http::Response to_response(const Error& error);

}  // namespace lotmark::api::epcis
