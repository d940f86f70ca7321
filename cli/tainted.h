// `lotmark tainted`: lots that rest on a key from a block or a time on.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct TaintedArguments {
  ProfileChoice profile;
  std::string kid;
  std::string since;  // a block's number, or a time: 2026-01-05T08:00Z
};
// Failed where there are any.
Exit run_tainted(const TaintedArguments& arguments, Output& out);

}  // namespace lotmark::cli
