// `lotmark member ...`: the ceremony by which the consortium's rules change (docs/operate/members.md), and
// `lotmark root ...`: how its root key does.
#pragma once

#include "cli/member/change.h"
#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ProposeArguments {
  ProfileChoice profile;
  ChangeArguments change;
  std::string out;  // must not be there
};
// Writes the draft of the next statement, beside the statements that lead to it, and shows what differs.
Exit run_member_propose(const ProposeArguments& arguments, Output& out);

struct ShowProposalArguments {
  std::string file;
  std::string anchor;
};
Exit run_member_show(const ShowProposalArguments& arguments, Output& out);

struct SignArguments {
  ProfileChoice profile;
  std::string file;
  std::string
      signing_key;  // PEM of the root or of a member: signs the placed statement here, asking no node
  std::string anchor;  // with signing_key
  bool withdraw = false;
  bool yes = false;
};
// Without a signing key: the node's operators approve the draft, and the node signs at its place by itself.
Exit run_member_sign(const SignArguments& arguments, Output& out);

struct HoldArguments {
  ProfileChoice profile;
  std::string file;
  std::uint64_t seconds = 600;
  std::uint64_t wait_s = 30;
};
// Asks for a place, waits until the order stands still, and writes the placed statement into the file.
Exit run_member_hold(const HoldArguments& arguments, Output& out);

struct SubmitArguments {
  ProfileChoice profile;
  std::string file;
  std::uint64_t wait_s = 30;
};
// Sends the statement that the root key signed; done when its block is final.
Exit run_member_submit(const SubmitArguments& arguments, Output& out);

Exit run_member_status(const ProfileChoice& profile, Output& out);

struct RollArguments {
  std::string key;      // PEM of the root key in force
  std::string to;       // the new one's point: 130 hex digits
  std::uint64_t first;  // epoch
  std::string anchor;
  std::string out;  // lotmark/rollover/1
};
Exit run_root_roll(const RollArguments& arguments, Output& out);

struct PinArguments {
  std::string anchor;
  std::string rollover;
  std::string out;  // lotmark/anchor/2
};
Exit run_root_pin(const PinArguments& arguments, Output& out);

}  // namespace lotmark::cli
