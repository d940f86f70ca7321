// A line of the access log, as the gate makes it. What becomes of it: journal.h.
#pragma once

#include <string>

#include "api/access/caller.h"

namespace lotmark::api::access {

// Of every request to a private route, refused or not. No body, and no credentials.
struct AccessRecord {
  static constexpr std::size_t kTargetMax = 1024;

  Time time;           // when it had been read
  std::string caller;  // Caller::id
  std::string organisation;
  std::string roles;  // names()
  How how = How::kNobody;
  std::string address;
  std::string method;
  std::string_view route;  // the table's pattern
  std::string target;      // path and query as they were sent, cut to kTargetMax bytes
  int status = 0;          // of the answer
  std::string why;         // of credentials that did not hold, or of what was too often
};

}  // namespace lotmark::api::access
