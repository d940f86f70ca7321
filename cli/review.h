// `lotmark review`: what a reviewer's node found, and the decision of a person
// (docs/operate/peer.md).
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ReviewArguments {
  ProfileChoice profile;
  std::string lot;
  std::string gtin;    // needed where two products have a lot of that name
  std::string number;  // of the release; empty: the node makes one
  std::string reason;  // of a rejection, or of a release that supersedes
  bool if_clean = false;
};
Exit run_review_list(const ReviewArguments& arguments, Output& out);
// Folds every reading that a finding shows to its claim's root: path=ok, or tampered (3).
Exit run_review_show(const ReviewArguments& arguments, Output& out);
// Lots drawn for a second review by this node, and what it found.
Exit run_review_second(const ReviewArguments& arguments, Output& out);
Exit run_review_approve(const ReviewArguments& arguments, Output& out);
Exit run_review_reject(const ReviewArguments& arguments, Output& out);

}  // namespace lotmark::cli
