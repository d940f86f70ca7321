// What nodes give one another besides blocks: disclosures as they travel, and the votes on one tree.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// array (block number, disclosure, [sample]), of lots from block `from` on: as many as fit in max_bytes, at least one if
// there is one.
Result<std::vector<Bytes>> disclosures_from(const PublicChain& chain, std::uint64_t from,
                                            std::size_t max_bytes);
// One such array; `shown` is the samples' column of the table.
Result<Bytes> encode_disclosure(std::uint64_t block, ByteView disclosure, ByteView shown);
struct ToldOf {
  std::uint64_t block = 0;
  Disclosure disclosure;
  std::vector<Sample> samples;
};
// Such an array, read; field-type and the disclosure's errors.
Result<ToldOf> read_disclosure(ByteView bytes);
// The number of the lot block it is of, once it is checked and kept (PublicChain::add_disclosure); not-ready where that
// block is not here.
Result<std::uint64_t> take_disclosure(PublicChain& chain, ByteView bytes, Time now);

// All votes on the tree of `size` blocks that are kept.
Result<std::vector<Bytes>> votes_at(const PublicChain& chain, std::uint64_t size);

// The first lot block from `from` on without a disclosure.
Result<std::optional<std::uint64_t>> undisclosed_from(const PublicChain& chain, std::uint64_t from);

}  // namespace lotmark::chain
