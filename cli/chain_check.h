// `lotmark chain check`: goes through a node's chain.db, or a file's, and names what does not hold.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ChainCheckArguments {
  ProfileChoice profile;
  std::string chain;   // a file; empty: the node of the profile
  std::string anchor;  // with a file
};
// 3 if something does not hold and is not mended.
Exit run_chain_check(const ChainCheckArguments& arguments, Output& out);

}  // namespace lotmark::cli
