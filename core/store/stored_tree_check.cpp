// The self-check of a stored tree.
#include <fmt/format.h>

#include "core/store/stored_tree.h"

namespace lotmark::store {

Status StoredTree::check(unsigned level, std::uint64_t index) const {
  LM_TRY(ready(size_));
  if (level >= kTreeLevels || index >= tiles(level, size_)) {
    return fail(Errc::kNotFound,
                fmt::format("a tree of {} leaves has no tile {} of level {}", size_, index, level));
  }
  auto nodes = read_tile({level, index});
  return nodes ? Status{} : nodes.error();
}

Result<bool> StoredTree::check_next(Cursor& cursor, std::uint64_t tiles_max) const {
  for (; tiles_max > 0; --tiles_max) {
    while (cursor.level < kTreeLevels && cursor.index >= tiles(cursor.level, size_)) {
      cursor = {cursor.level + 1, 0};
    }
    if (cursor.level >= kTreeLevels) {
      cursor = {};
      LM_TRY(check_edge());
      return true;
    }
    const Cursor at = cursor;
    ++cursor.index;
    LM_TRY(check(at.level, at.index));
  }
  return false;
}

Status StoredTree::check_edge() const {
  LM_TRY(ready(size_));
  LM_ASSIGN(const auto stored, tables_.edge());
  std::array<std::uint64_t, kTreeLevels> next{};
  bool same = true;
  for (const auto& e : stored) {
    const std::uint64_t i = next[e.level]++;
    same = same && i < edge_[e.level].size() && e.hash == edge_[e.level].leaf(i) &&
           e.index == tiles(e.level, size_) * kTileWidth + i;
  }
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    same = same && next[level] == edge_[level].size();
  }
  if (same) return {};
  return fail(Errc::kCorrupt,
              fmt::format("the stored edge of a tree of {} leaves has changed", size_));
}

}  // namespace lotmark::store
