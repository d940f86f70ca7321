// A line of the access log, as the gate makes it. What becomes of it: journal.h.
#pragma once

#include <string>

#include "api/access/caller.h"

namespace lotmark::api::access {

// Of every request to a private route, refused or not. No body, and no credentials.
struct AccessRecord {
  static constexpr std::size_t kTargetMax = 2048;

  Time time;           // when it had been read
  std::string caller;  // Caller::id
  std::string organisation;
  std::string roles;  // names()
  How how = How::kNobody;
  std::string address;
  std::string method;
  std::string_view route;  // the table's pattern
  std::string target;      // path and query as they were sent: see kept_target
  int status = 0;          // of the answer
  std::string why;         // of credentials that did not hold, or of what was too often
};

// `target` where it has at most kTargetMax bytes. Else what fits of it, with no half of an escape or of a character at its
// end, and behind a blank, which no target has, "sha256=" and the hash of the whole in hex: kTargetMax bytes at most.
std::string kept_target(std::string target);

}  // namespace lotmark::api::access
