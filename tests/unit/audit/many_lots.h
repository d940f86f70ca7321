// The files of an enterprise with many lots: all but two released, one applied for, one opened and left, and a start signal
// that was never used. Made once a test program. LOTMARK_AUDIT_LOTS=1000: as many, by hand.
#pragma once

#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/audit_sheet.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

class ManyLots {
 public:
  static constexpr const char* kHostile = "<script>alert('x')</script>\xE2\x80\xAE & \"quoted\"";
  static ManyLots& get();
  explicit ManyLots(std::size_t lots);

  Plant plant;
  std::vector<std::string> released;
  std::string left = "A-2026/left";
  std::string applied = "A-2026/applied";

  chain::AuditOptions options() const;
  // Of a changed copy of private.db.
  chain::AuditOptions spoilt(const std::string& sql);
  chain::AuditDone audit(const chain::AuditOptions& options,
                         const chain::AuditProgress& progress = {}) const;
  std::filesystem::path fresh(const std::string& name) const;  // a file that is not there
};

std::string lines(const chain::AuditReport& report);

}  // namespace lotmark::test
