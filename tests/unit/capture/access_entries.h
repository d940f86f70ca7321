// Entries of the access log as an API process makes them.
#pragma once

#include "ledger-node/capture/access_request.h"

namespace lotmark::node::test {

inline AccessEntry an_access(std::uint64_t number, std::uint8_t run = 7) {
  AccessEntry e;
  e.run.bytes.fill(run);
  e.number = number;
  e.time = 1'777'900'000'000 + number;
  e.caller = "certificate:erp";
  e.organisation = "yunhe";
  e.roles = "reader";
  e.how = "certificate";
  e.address = "192.0.2.7";
  e.method = "GET";
  e.route = "/events";
  e.target = "/events?EQ_bizStep=shipping&n=" + std::to_string(number);
  e.status = 200;
  return e;
}

// Numbers first to last of one run, encoded.
inline std::vector<Bytes> accesses(std::uint64_t first, std::uint64_t last, std::uint8_t run = 7) {
  std::vector<Bytes> out;
  for (auto n = first; n <= last; ++n) out.push_back(encode_access(an_access(n, run)));
  return out;
}

}  // namespace lotmark::node::test
