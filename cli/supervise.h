// `lotmark supervise delegate`: an operator of a supervisory member gives the primary's role to the node it speaks to.
// `lotmark supervise cut`: has it propose a cut before the next audit round.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct DelegateArguments {
  ProfileChoice profile;
  std::uint64_t term = 0;     // 0: the next one the node can know of
  std::uint64_t wait_s = 30;  // how long to wait until it is primary; 0: not at all
};
// Fails if the node is primary of no higher term when the time is over: then somebody else is, or too few members
// answer it. Asking again takes a higher term.
Exit run_supervise_delegate(const DelegateArguments& arguments, Output& out);

struct CutArguments {
  ProfileChoice profile;
  bool dry_run = false;
  std::uint64_t wait_s = 60;  // until the cut is on the chain; 0: not at all
};
// Asks the primary, which this profile must name, for a cut now. Done where there is nothing to cut, too.
Exit run_supervise_cut(const CutArguments& arguments, Output& out);

}  // namespace lotmark::cli
