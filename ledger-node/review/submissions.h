// Openings, transactions and applications as an enterprise sends them: checked, kept, answered with an arrival.
// The same bytes again get the same arrival. docs/operate/peer.md.
#pragma once

#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/review/review_store.h"

namespace lotmark::review {

class Submissions {
 public:
  // All outlive it. `lines`: the line files this reviewer has, by hash.
  Submissions(const KeyId& self, chain::PublicChain& chain, chain::ReceivedLog& received,
              ReviewStore& store, const std::map<Digest, LineFile>& lines)
      : self_(self), chain_(chain), received_(received), store_(store), lines_(lines) {}

  // List of opening and start object. opening_checks.h's errors.
  Result<Bytes> take_opening(ByteView body, const Member& from, Time now);
  // transaction-signer, cose-signature, prev-mismatch, transaction-fork, transaction-count, time-order. A late
  // one is taken: that is a finding, not a refusal.
  Result<Bytes> take_transaction(ByteView body, const Member& from, Time now);
  // application-signer, cose-signature, not-found, programme-unknown, gtin, lot, transaction-count, need-seq,
  // tree-path, conflict. Afterwards the review is `applied`; its start signal's id is in `applied`.
  Result<Bytes> take_application(ByteView body, const Member& from, Time now, Digest& applied);

 private:
  Status place_transaction(const Signed<Transaction>& tx, Time now);
  Status check_application(const Application& a, const ReviewRow& row) const;

  KeyId self_;
  chain::PublicChain& chain_;
  chain::ReceivedLog& received_;
  ReviewStore& store_;
  const std::map<Digest, LineFile>& lines_;
};

}  // namespace lotmark::review
