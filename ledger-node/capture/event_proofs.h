// Event proofs (docs/format/event_proof.md) from an organisation's own rows and the chain: what private.db holds of one,
// and the block that completes it.
#pragma once

#include "core/wire/event_proof.h"
#include "ledger-node/capture/event_index.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

// All of a proof but the block, its statements and, of a period record, the transaction's place in the block.
struct EventProofParts {
  EventProof file;
  Digest transaction;  // its id
  std::optional<std::uint64_t>
      block;  // of a lot; a period record's is where the chain has the transaction
};

// Of one event as it is stored (read_event). `private_db` is read only. not-ready, saying for what, while the event waits
// for a record or its lot for a release; not-found for one that no block will ever hold: of a lot that was refused;
// corrupt where rows are missing or do not fit each other.
Result<EventProofParts> event_proof_parts(const store::Database& private_db,
                                          const StoredEvent& event);

// The file. corrupt if the block has not the transaction; object-too-large above what a proof may be.
Result<Bytes> finish_event_proof(EventProofParts parts, ShownBlock block);

// Both of these, for who has the chain itself. not-ready too while no block holds the record's transaction; body-cut
// where that block's body is gone.
Result<Bytes> event_proof(const store::Database& private_db, const chain::PublicChain& chain,
                          const StoredEvent& event);
// What to say while no block holds the transaction.
Error waits_for_block(const EventProofParts& parts);

}  // namespace lotmark::node
