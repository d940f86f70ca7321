// What the checks of a receipt hand to one another. Included by core/proof's own sources only.
#pragma once

#include "core/proof/block_run.h"
#include "core/proof/lot_objects.h"
#include "core/wire/vote.h"

namespace lotmark::proof {

// One run of the fourteen checks.
struct Run : BlockRun {
  ByteView receipt_bytes;
  ByteView anchor_bytes;
  const Asked& asked;
  Time now;
  VerifyOptions options;
  VerdictResult& out;

  Receipt receipt{};
  std::optional<Signed<Release>> release{};
  std::optional<Signed<Application>> application{};

  std::string& why(CheckName n) { return out.checks[static_cast<std::size_t>(n)].why; }
};

// Each gives the first error of its check; `why` of what holds goes to out.checks.
Status check_anchor(Run& r);
Status check_receipt(Run& r);
Status check_statements(Run& r);
Status check_block(Run& r);
Status check_release(Run& r);
Status check_application(Run& r);
Status check_asked(Run& r);
Status check_votes(Run& r);
Status check_quorum(Run& r);
Status check_disclosure(Run& r);
Status check_claims(Run& r);
Status check_samples(Run& r);
Status check_limits(Run& r);
Status check_expires(Run& r);

}  // namespace lotmark::proof
