// One archive file on its way from this node's own bodies, a slice at a time: a range may have 65,536 blocks.
#pragma once

#include "core/wire/cut.h"
#include "ledger-node/archive/archive_folder.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

class ArchiveWriter {
 public:
  // `chain` and `folder` outlive it; the range's bodies stay until it is done. What it began is removed with it.
  static Result<ArchiveWriter> begin(const chain::PublicChain& chain, ArchiveFolder& folder,
                                     const chain::CutEntry& cut);
  // Up to `blocks` more; true once the folder keeps the file. cut-content if it is not the cut's. After an error there is
  // nothing to go on with.
  Result<bool> step(std::uint64_t blocks);
  const BlockRange& range() const { return range_; }

 private:
  ArchiveWriter(const chain::PublicChain& chain, ArchiveFolder& folder, const BlockRange& range,
                const Digest& hash, NewFile disclosures, NewFile blocks)
      : chain_(&chain),
        folder_(&folder),
        range_(range),
        hash_(hash),
        next_(range.first),
        disclosures_(std::move(disclosures)),
        blocks_(std::move(blocks)) {}

  const chain::PublicChain* chain_;
  ArchiveFolder* folder_;
  BlockRange range_;
  Digest hash_;  // as the cut's block says
  std::uint64_t next_;
  NewFile disclosures_;
  NewFile blocks_;
};

BlockRange range_of(const chain::CutEntry& cut);
// As the cut's block says; not-found where a chain that began behind it does not have that block yet.
Result<Digest> archive_hash(const chain::PublicChain& chain, const chain::CutEntry& cut);

}  // namespace lotmark::node
