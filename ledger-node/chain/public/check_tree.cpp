// The stored tree's rows above its leaves, from the rows below; leaves are compared where their blocks are read.
#include "core/merkle/tree.h"
#include "core/store/tree_tables.h"
#include "ledger-node/chain/public/check.h"

namespace lotmark::chain {

namespace {

using store::kTileWidth;
using store::kTreeLevels;
using store::TileId;

// Hashes of a level in a tree of `size` leaves.
std::uint64_t hashes(unsigned level, std::uint64_t size) {
  for (; level > 0; --level) size /= kTileWidth;
  return size;
}

Fault tree_fault(std::string_view table, unsigned level, std::uint64_t index, std::string what) {
  return {std::string(table),
          "level " + std::to_string(level) + " hash " + std::to_string(index),
          table == "tree_edge" ? "hash" : "hashes",
          std::nullopt,
          std::move(what),
          Remedy::kTree,
          {}};
}

}  // namespace

// Nothing: no row has it.
Result<std::optional<Digest>> ChainCheck::stored_hash(unsigned level, std::uint64_t index) const {
  if (index / kTileWidth == hashes(level + 1, size_)) {
    LM_ASSIGN(auto rows, rows_.read("SELECT hash FROM tree_edge WHERE level = ? AND idx = ?",
                                    {Cell::of(std::uint64_t{level}), Cell::of(index)}));
    if (rows.empty() || rows.front()[0].type != 'b') return std::optional<Digest>();
    return Digest::from(rows.front()[0].bytes);
  }
  const TileId tile{level, index / kTileWidth};
  LM_ASSIGN(auto* q, rows_.query("SELECT hashes FROM tree_tile WHERE place = ?"));
  q->bind(1, tile.place());
  LM_ASSIGN(const bool row, q->step());
  const std::uint64_t at = (index % kTileWidth) * Digest::kSize;
  std::optional<Digest> found;
  if (row && q->type(0) == 'b' && q->blob(0).size() == kTileWidth * Digest::kSize)
    found = Digest::from(q->blob(0).subspan(at, Digest::kSize));
  q->reset();
  return found;
}

// Hash after hash of level 1, then of level 2, and so on: each is the root of the tile below it.
Status ChainCheck::check_tree(std::uint64_t rows, Faults& faults) {
  std::uint64_t first = 0;  // of this level, as place_.at counts
  unsigned level = 1;
  const auto count = [&](unsigned l) { return hashes(l, size_); };
  for (; rows > 0; --rows) {
    while (level < kTreeLevels && place_.at >= first + count(level)) first += count(level++);
    if (level == kTreeLevels) {
      LM_TRY(check_tree_rows(faults));
      next_part();
      return {};
    }
    const std::uint64_t index = place_.at++ - first;
    merkle::MemoryTree below;
    for (std::uint64_t i = 0; i < kTileWidth; ++i) {
      LM_ASSIGN(auto hash, stored_hash(level - 1, index * kTileWidth + i));
      if (hash) below.append(*hash);
    }
    LM_ASSIGN(auto hash, stored_hash(level, index));
    if (below.size() == kTileWidth && hash && *hash == below.root()) continue;
    const bool edge = index / kTileWidth == count(level + 1);
    faults.push_back(tree_fault(edge ? "tree_edge" : "tree_tile", level, index,
                                hash ? "is not the root of the tile below it" : "is missing"));
  }
  return {};
}

// No row too many: those that should be there were read.
Status ChainCheck::check_tree_rows(Faults& faults) const {
  std::uint64_t tiles = 0;
  std::uint64_t edge = 0;
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    tiles += hashes(level + 1, size_);
    edge += hashes(level, size_) - hashes(level + 1, size_) * kTileWidth;
  }
  for (const auto& [table, expected] : {std::pair{"tree_tile", tiles}, {"tree_edge", edge}}) {
    LM_ASSIGN(auto rows, rows_.read(std::string("SELECT count(*) FROM ") + table));
    if (rows.front()[0] == Cell::of(expected)) continue;
    faults.push_back({table,
                      "",
                      "",
                      std::nullopt,
                      "has " + rows.front()[0].shown() + " rows, a tree of " +
                          std::to_string(size_) + " leaves " + std::to_string(expected),
                      Remedy::kTree,
                      {}});
  }
  return {};
}

}  // namespace lotmark::chain
