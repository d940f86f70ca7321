// Openings, transactions and applications as an enterprise sends them: checked, kept, answered with an arrival.
// The same bytes again get the same arrival. docs/operate/peer.md.
#pragma once

#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/review/review_store.h"

namespace lotmark::review {

struct SubmissionLimits {
  std::uint64_t open_lots = 1000;  // of one enterprise, opened and not applied for
  std::uint64_t opening_days =
      90;  // after its last slot an opening takes no more, and counts no more
};

class Submissions {
 public:
  // All outlive it. `lines`: the line files this reviewer has, by hash.
  Submissions(const KeyId& self, chain::PublicChain& chain, chain::ReceivedLog& received,
              ReviewStore& store, const std::map<Digest, LineFile>& lines,
              const SubmissionLimits& limits = {})
      : self_(self),
        chain_(chain),
        received_(received),
        store_(store),
        lines_(lines),
        limits_(limits) {}

  // List of opening and start object. opening_checks.h's errors.
  Result<Bytes> take_opening(ByteView body, const Member& from, Time now);
  // transaction-signer, cose-signature, prev-mismatch, transaction-fork, transaction-count, time-order. A late
  // one is taken: that is a finding, not a refusal.
  Result<Bytes> take_transaction(ByteView body, const Member& from, Time now);
  // application-signer, cose-signature, not-found, programme-unknown, gtin, lot, transaction-count, need-seq,
  // tree-path, conflict. Afterwards the review is `applied`; its start signal's id is in `applied`.
  Result<Bytes> take_application(ByteView body, const Member& from, Time now, Digest& applied);
  // lotmark_pool_refused_total{pool,why} and lotmark_late_total{what}: what was turned away, and what came late.
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  Status may_open(const KeyId& enterprise, Time now);
  Status not_expired(const Opening& opening, const char* pool, Time now);
  Status place_transaction(const Signed<Transaction>& tx, Time now);
  Status check_application(const Application& a, const ReviewRow& row) const;

  KeyId self_;
  chain::PublicChain& chain_;
  chain::ReceivedLog& received_;
  ReviewStore& store_;
  const std::map<Digest, LineFile>& lines_;
  SubmissionLimits limits_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace lotmark::review
