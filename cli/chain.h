// `lotmark chain show`, `lotmark status`, `lotmark receipt`: what a node holds of the public chain.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ChainArguments {
  ProfileChoice profile;
  std::uint64_t from = 0;
  std::uint64_t limit = 50;
};
Exit run_chain_show(const ChainArguments& arguments, Output& out);
// What is cut, what may be next, and the lot that holds it up.
Exit run_chain_cut(const ProfileChoice& profile, Output& out);
struct StatusArguments {
  ProfileChoice profile;
  std::vector<std::string> profiles;  // of several nodes: a row each
};
// Failed (1) while an alarm holds at a node, or one of several does not answer.
Exit run_status(const StatusArguments& arguments, Output& out);

struct ReceiptArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;
  std::string out;
};
Exit run_receipt(const ReceiptArguments& arguments, Output& out);

}  // namespace lotmark::cli
