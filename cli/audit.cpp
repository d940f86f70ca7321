#include "cli/audit.h"

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "ledger-node/chain/private/audit.h"

namespace lotmark::cli {

Exit run_audit(const AuditArguments& a, Output& out) {
  const auto anchor = read_file(a.anchor);
  if (!anchor) return out.error(anchor.error());
  const auto report = chain::audit(a.private_db, a.chain_db, *anchor);
  if (!report) return out.error(report.error());
  const Exit exit = report->ok() ? Exit::kDone : Exit::kTampered;
  if (out.json) {
    const Exit printed = out.value(chain::to_json(*report));
    return printed == Exit::kDone ? exit : printed;
  }
  const std::string text = chain::to_text(*report);
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    out.line(rest.substr(0, end), report->ok() ? Paint::kGood : Paint::kBad);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return exit;
}

}  // namespace lotmark::cli
