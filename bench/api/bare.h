// The yardstick: a cpprestsdk http_listener as it comes, whose handler gives one recorded answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/result.h"

namespace lotmark::bench {

struct Recorded {
  int status = 0;
  std::map<std::string, std::string> headers;  // without those that a server adds by itself
  std::string body;
};

// What an HTTP server of this machine answers to a request, given as its bytes; it must ask to close the connection.
// network, malformed.
Result<Recorded> record_answer(std::uint16_t port, const std::string& request);

// Serves `answer` to every GET and POST at that port of loopback until the process is told to end. A request's body is read whole.
Status serve_bare(std::uint16_t port, const Recorded& answer);

}  // namespace lotmark::bench
