// The files of an enterprise with two lots, one of them released and disclosed, for audits that
// look at changed copies of them. Made once a test program.
#pragma once

#include "ledger-node/chain/private/audit.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

class ReleasedPlant {
 public:
  static ReleasedPlant& get();
  Plant plant;
  Digest start;  // of lot A-2026/01, which was released in block 2
  Digest other;  // of lot A-2026/02, applied for
  Bytes application;

  // A copy of private.db that a test may spoil.
  std::filesystem::path copy();
  chain::AuditReport audit(const std::filesystem::path& private_db) const;

 private:
  ReleasedPlant();
};

// Runs SQL on a file; gives how many rows changed.
std::int64_t spoil(const std::filesystem::path& file, const std::string& sql);

// All lines of a report, for a failing test to show.
std::string lines(const chain::AuditReport& report);
// True if one of them is this one.
bool says(const chain::AuditReport& report, const std::string& line);

}  // namespace lotmark::test
