// What the checks of a receipt hand to one another. Included by core/proof's own sources only.
#pragma once

#include "core/proof/lot_objects.h"
#include "core/proof/verdict.h"
#include "core/wire/vote.h"

namespace lotmark::proof {

// One run of the fourteen checks.
struct Run {
  ByteView receipt_bytes;
  ByteView anchor_bytes;
  const Asked& asked;
  Time now;
  VerifyOptions options;
  VerdictResult& out;

  const Statements* statements = nullptr;  // held by the caller, or `own`
  std::optional<Statements> own{};
  Receipt receipt{};
  std::optional<ReceiptBlock> block{};
  std::optional<Signed<Release>> release{};
  std::optional<Signed<Application>> application{};
  const Membership* judge = nullptr;       // statement of the block's epoch
  const Membership* vote_judge = nullptr;  // statement the votes' size belongs to
  bool chain_differs = false;              // a header named another chain: unknown, not tampered

  const Digest& chain() const { return statements->chain(); }
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
