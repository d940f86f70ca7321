// `lotmark ca invite` and `lotmark ca enrol`: a new gateway by a one-time code (docs/operate/enrolment.md).
#pragma once

#include <cstdint>

#include "cli/output.h"

namespace lotmark::cli {

struct CaInviteArguments {
  std::string dir;   // of the consortium
  std::string name;  // organisation/device
  // A device of that organisation in DIR/devices, whose brokers and nodes it shall use. Empty: itself, founded with
  // `invite = true`.
  std::string like;
  std::uint64_t hours = 72;
};
// Keeps the invitation in DIR/ca/invites and shows the code, once.
Exit run_ca_invite(const CaInviteArguments& arguments, Output& out);

struct CaEnrolArguments {
  std::string dir;
  std::string request;  // file
  std::string out;      // file for the answer
  unsigned days = 825;
};
// Answers a request that its invitation's code made; the invitation is used up.
Exit run_ca_enrol(const CaEnrolArguments& arguments, Output& out);

}  // namespace lotmark::cli
