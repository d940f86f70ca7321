// What enterprises disclosed of the lots of a cut (docs/format/cut.md, disclosures file). No hash on the chain covers
// it: each entry is checked against its block when it comes from another node, and when it is used.
#pragma once

#include <map>

#include "ledger-node/archive/archive_reader.h"
#include "ledger-node/chain/public/disclosures.h"

namespace lotmark::node {

// Those of blocks first to last that this chain still has, in order, in pieces.
Status write_disclosures(const chain::PublicChain& chain, std::uint64_t first, std::uint64_t last,
                         const std::function<Status(ByteView)>& sink);

// One entry after the other; nothing at the end.
Result<std::optional<chain::ToldOf>> next_disclosure(ItemFile& file);

// Walks beside the blocks, which are in the same order. Of no file, or one that is not there, nothing was told.
class DisclosureWalk {
 public:
  Status open(const std::filesystem::path& file);
  Result<std::optional<chain::ToldOf>> of(std::uint64_t block);

 private:
  Status step();
  std::optional<ItemFile> file_;
  std::optional<chain::ToldOf> next_;
};

// The entry against its block, as in a receipt; the error of the check that fails. Who voted on the block is not asked.
Status check_disclosure(const chain::PublicChain& chain, const Signed<Block>& block,
                        const chain::ToldOf& told);

}  // namespace lotmark::node
