// What comes of an archive from another node, checked item by item as it comes (docs/format/cut.md): nobody makes this
// node write what the chain does not know of, however much it sends.
#pragma once

#include "ledger-node/archive/archive_folder.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

class ArchiveStream {
 public:
  // Of one part of that cut's range. `chain` must outlive it.
  static Result<ArchiveStream> begin(const chain::PublicChain& chain, const chain::CutEntry& cut,
                                     ArchivePart part);
  // What follows what came so far. cut-content where it is no block of the range whose body went, in order, or no
  // disclosure of one of its lots; block-too-large, and the errors of what it should be.
  Status take(ByteView page);
  // Sees each block of the range as it comes, once it is known to be the one cut.
  void on_block(std::function<Status(const Signed<Block>&)> seen) { seen_ = std::move(seen); }
  // That nothing is left of an item that was not whole.
  Status end() const;

 private:
  ArchiveStream(const chain::PublicChain& chain, const chain::CutEntry& cut, ArchivePart part,
                Bytes header, std::uint64_t items)
      : chain_(&chain),
        part_(part),
        header_(std::move(header)),
        items_(items),
        next_(cut.first),
        last_(cut.last) {}
  Status take_item(ByteView content);
  Status take_block(ByteView bytes);
  Status pass(std::uint64_t number);

  const chain::PublicChain* chain_;
  ArchivePart part_;
  Bytes header_;         // still to come
  std::uint64_t items_;  // that may still come
  std::uint64_t next_;
  std::uint64_t last_;
  Bytes rest_;  // of an item that is not whole
  std::function<Status(const Signed<Block>&)> seen_;
};

}  // namespace lotmark::node
