// `lotmark report`: complaints of another's conduct, and what the supervisory members rule on them.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct ReportSendArguments {
  ProfileChoice profile;
  std::string subject;  // kid
  std::string kind = "other";
  std::string text;
  std::vector<std::string> about;  // ids
  std::string evidence;            // a file
  bool as_member = false;          // the node's key signs, not the operator's
};
Exit run_report_send(const ReportSendArguments& arguments, Output& out);

struct ReportRuleArguments {
  ProfileChoice profile;
  std::string complaint;  // id, or its first digits
  std::string outcome;
  std::vector<std::string> penalties;
  std::uint64_t points = 0;
  std::uint64_t reward = 0;
  std::string text;
};
Exit run_report_rule(const ReportRuleArguments& arguments, Output& out);
Exit run_report_list(const ProfileChoice& profile, Output& out);

}  // namespace lotmark::cli
