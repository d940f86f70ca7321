// The tiles of a stored tree that were used last, each with the nodes above its hashes: 16 KiB a tile.
#pragma once

#include <vector>

#include "core/merkle/tree.h"
#include "core/store/tree_tables.h"

namespace lotmark::store {

class TileCache {
 public:
  explicit TileCache(std::size_t tiles_max) : tiles_max_(tiles_max) {}
  // Null if it is not here; valid until the next put or clear.
  const merkle::MemoryTree* find(TileId tile);
  // Takes the place of the one that was unused for longest.
  const merkle::MemoryTree* put(TileId tile, merkle::MemoryTree nodes);
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    TileId tile;
    std::uint64_t used = 0;
    merkle::MemoryTree nodes;
  };
  std::size_t tiles_max_;
  std::uint64_t uses_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace lotmark::store
