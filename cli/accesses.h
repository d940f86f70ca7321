// `lotmark accesses`: who asked for an enterprise's private data, out of the access log (docs/format/access.md).
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct AccessesArguments {
  ProfileChoice profile;
  std::string private_db;  // a private.db to read in place of a node's; read only
  std::uint64_t after = 0;
  std::uint64_t limit = 100;  // entries shown at most
  std::string caller;         // part of who called; empty: anybody
  bool refused = false;       // those answered with 400 and above alone
};
// The log is gone through page by page until so many are found; the last line says what to go on after.
Exit run_accesses(const AccessesArguments& arguments, Output& out);

}  // namespace lotmark::cli
