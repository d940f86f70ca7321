// What a chain says of a mark of use that an agency's node is brought (docs/format/mark.md).
#pragma once

#include "core/wire/usage.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

// The key its signature must verify by: the agency's own, or an enrolled operator's of its organisation. mark-signer,
// key-revoked. `agency`: the node's key.
Result<PublicKey> mark_signer(const chain::PublicChain& chain, const KeyId& agency,
                              const KeyId& signer);
// A block holds the lot's release, and it is not cut: usage-lot-unknown.
Status mark_lot(const chain::PublicChain& chain, const Gtin& gtin, const LotNumber& lot);
// Whether all blocks of the lot are cut, by a cut that is final: one that is not may be taken back, and the lot with it.
Result<bool> cut_for_good(const chain::PublicChain& chain, const Gtin& gtin, const LotNumber& lot);
// field-range for a time beyond `ahead` or `back` of the node's.
Status mark_time(std::uint64_t time, Time now, Millis ahead, Millis back);

}  // namespace lotmark::node
