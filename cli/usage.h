// `lotmark usage`: what an agency reports of a lot's units, and what all reports on a lot say together.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct UsageReportArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;
  std::string kind;
  std::string serials;                 // a file, one a line
  std::optional<std::uint64_t> count;  // nothing: as many as there are serials
};
Exit run_usage_report(const UsageReportArguments& arguments, Output& out);

struct UsageShowArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;
};
Exit run_usage_show(const UsageShowArguments& arguments, Output& out);

}  // namespace lotmark::cli
