// From the intake log to a claim: the bundles a step rests on, and what the claim says of them.
// docs/format/private.md (claim), trees.md (evidence tree).
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/claim_evidence.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/intake/intake_log.h"

namespace lotmark::chain {

// The claim's channel inside [start, end), as a reviewer judges it: bundles are whole, so a claim's annotation
// also counts what lies before and after.
struct InStep {
  std::uint64_t count = 0;
  std::int64_t min = 0;  // of no reading: 0
  std::int64_t max = 0;
  std::uint64_t pause_max = 0;  // ms, edges of the step included
  std::uint64_t declared = 0;   // readings that declared or lost stretches stand for
};

// The stretch of its device's log a claim over [start, end) needs, and what it says there.
struct MadeClaim {
  Claim claim;
  std::vector<EvidenceRef> bundles;
  InStep in_step;
};

class EvidenceSource {
 public:
  // `private_db` holds the intake tables; both outlive the source.
  EvidenceSource(const store::Database& private_db, const node::IntakeLog& intake, Digest chain)
      : db_(&private_db), intake_(&intake), chain_(chain) {}

  // not-ready without a reading; annotation if bundles do not join; claim if the channel is not one
  // quantity with one unit and exponent throughout.
  Result<MadeClaim> make_claim(const LineStep& step, const Enrolled& device,
                               const std::string& channel, std::uint64_t start,
                               std::uint64_t end) const;
  // A bundle wire or gap object of the intake log; corrupt if it is not there.
  Result<Bytes> wire(const Digest& id) const;

 private:
  Result<std::vector<node::IntakeLog::Stored>> log_part(const KeyId& device, std::uint64_t start,
                                                        std::uint64_t end) const;
  Result<std::vector<node::IntakeLog::Stored>> between(const KeyId& device, std::uint64_t first,
                                                       std::uint64_t last) const;
  const store::Database* db_;
  const node::IntakeLog* intake_;
  Digest chain_;
};

}  // namespace lotmark::chain
