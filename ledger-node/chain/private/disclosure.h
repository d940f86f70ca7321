// What everybody may see of a released lot: the release record's public segments with their paths,
// and the readings the block's id draws. docs/format/private.md (disclosure), receipt.md (sample).
#pragma once

#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/claim_evidence.h"

namespace lotmark::chain {

inline constexpr std::uint32_t kSamplesAClaim = 3;

// Body of POST /peer/v1/disclosures: (block number, disclosure, [sample]). Nothing if no segment is
// public. `release` is the batch's last row, `transaction` its transaction.
Result<std::optional<Bytes>> make_disclosure(const Batch& batch, const RecordRow& release,
                                             ByteView transaction, std::uint64_t block,
                                             const Digest& block_id, const WireFinder& find,
                                             const Digest& chain);

}  // namespace lotmark::chain
