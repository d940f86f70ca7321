#include "core/store/tile_cache.h"

namespace lotmark::store {

const merkle::MemoryTree* TileCache::find(TileId tile) {
  for (auto& e : entries_) {
    if (e.tile != tile) continue;
    e.used = ++uses_;
    return &e.nodes;
  }
  return nullptr;
}

const merkle::MemoryTree* TileCache::put(TileId tile, merkle::MemoryTree nodes) {
  Entry entry{tile, ++uses_, std::move(nodes)};
  if (entries_.size() < tiles_max_) return &entries_.emplace_back(std::move(entry)).nodes;
  auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                 [](const Entry& a, const Entry& b) { return a.used < b.used; });
  *oldest = std::move(entry);
  return &oldest->nodes;
}

}  // namespace lotmark::store
