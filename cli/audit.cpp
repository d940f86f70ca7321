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
  std::string text = chain::to_text(*report);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  out.line(text, report->ok() ? Paint::kGood : Paint::kBad);
  return exit;
}

}  // namespace lotmark::cli
