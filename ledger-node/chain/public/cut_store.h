// What chain.db keeps of cuts and of the lots that went (docs/format/cut.md). Reading; PublicChain writes it.
#pragma once

#include "core/wire/cut.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// Whether a cut takes the body of such a block.
constexpr bool loses_body(BlockKind kind) {
  return kind == BlockKind::kLot || kind == BlockKind::kPeriod;
}

// A cut block on the chain.
struct CutEntry {
  std::uint64_t block = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Bytes head;  // SnapshotHead
};
// From block `from` on, in their order.
Result<std::vector<CutEntry>> cuts(const PublicChain& chain, std::uint64_t from, std::size_t limit);
// The cut whose range holds that block.
Result<std::optional<CutEntry>> cut_of(const PublicChain& chain, std::uint64_t number);
// The state file of the newest cut on the chain; an empty one before the first.
Result<CutState> cut_state(const PublicChain& chain);
Result<Bytes> cut_state_file(const PublicChain& chain);

// The state file that came with that cut; not-found once a newer cut took its place.
Result<Bytes> state_of(const PublicChain& chain, std::uint64_t cut);

// A lot whose block was dropped: the newest one.
struct CutLot {
  std::uint64_t cut = 0;  // number of the cut block
  Tombstone tombstone;
};
Result<std::optional<CutLot>> find_tombstone(const PublicChain& chain, const Gtin& gtin,
                                             const LotNumber& lot);
// Where a lot stands: the newest of its blocks that no cut took; else whether cuts took all there were. Who began behind
// a cut whose block is still to come has a tombstone of what was not cut yet for those who made the blocks before it.
struct LotPlace {
  std::optional<std::uint64_t> block;
  bool cut = false;
};
Result<LotPlace> place_of_lot(const PublicChain& chain, const Gtin& gtin, const LotNumber& lot);
// How the table keeps `expires`: by months of 31 days from 2000 on, two bytes where 20281231 takes four.
std::uint64_t day_number(const Expiry& expires);
Expiry expires_of(std::uint64_t day_number);
// All of one cut, as its tree has them; none before dropping begins.
Result<std::vector<Tombstone>> tombstones_of(const PublicChain& chain, std::uint64_t cut);

// Votes on sizes below it may be thinned, where the chain is final up to `final_size`; 0: none yet.
Result<std::uint64_t> thin_end(const store::Database& db, std::uint64_t final_size);

// Blocks first to last in order; body-cut where one is gone.
using BlockVisitor = std::function<Status(BlockKind, ByteView bytes)>;
Status each_block(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                  const BlockVisitor& visit);

// Whether block `number` has no row of its own because it was cut; of any chain.db, for who reads its tables.
Result<bool> is_dropped(const store::Database& db, std::uint64_t number);

}  // namespace lotmark::chain
