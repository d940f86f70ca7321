// From the name of a host to its addresses, within a limit: a name server that does not answer holds up no stop.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/child.h"

namespace lotmark::agent {

struct Address {
  sockaddr_storage is{};
  socklen_t size = 0;
  int family() const { return is.ss_family; }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&is); }
  // "192.0.2.7", "2001:db8::7"
  std::string text() const;
};

// At least one. unavailable: stopped; io: no such name, or no answer within `limit`, or so many questions are open that no
// more is asked. A numeric address is never looked up.
Result<std::vector<Address>> find_addresses(const std::string& host, int port,
                                            std::chrono::milliseconds limit, const StopEvent& stop);

}  // namespace lotmark::agent
