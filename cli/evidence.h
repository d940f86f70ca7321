// `lotmark evidence`: verify says whether a party's dishonesty is proven, by whom, of what
// (docs/format/evidence.md); list and fetch ask a node for the files it keeps.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct EvidenceArguments {
  std::string file;
  std::string anchor;
};
// Done when proven, failed when not, tampered when a file cannot be opened or read.
Exit run_evidence_verify(const EvidenceArguments& arguments, Output& out);

Exit run_evidence_list(const ProfileChoice& profile, Output& out);

struct EvidenceFetchArguments {
  ProfileChoice profile;
  std::uint64_t n = 0;
  std::string out;  // empty: the node's name for it, here
};
Exit run_evidence_fetch(const EvidenceFetchArguments& arguments, Output& out);

}  // namespace lotmark::cli
