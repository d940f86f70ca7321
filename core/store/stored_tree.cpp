#include "core/store/stored_tree.h"

#include <fmt/format.h>

namespace lotmark::store {

namespace {

// Its hashes, one behind the other.
Bytes joined(const merkle::MemoryTree& tile) {
  Bytes out;
  out.reserve(kTileWidth * Digest::kSize);
  for (std::uint64_t i = 0; i < tile.size(); ++i) {
    const Digest& hash = tile.leaf(i);
    out.insert(out.end(), hash.bytes.begin(), hash.bytes.end());
  }
  return out;
}

std::uint64_t in_tile(std::uint64_t index) { return index % kTileWidth; }

}  // namespace

// A path computation asks for nodes and cannot be told that one is missing: the first error is kept.
class StoredTree::Nodes final : public merkle::NodeSource {
 public:
  explicit Nodes(const StoredTree& tree) : tree_(tree) {}
  Digest node(unsigned level, std::uint64_t index) const override {
    if (!error_) return {};
    auto n = tree_.node(level, index);
    if (n) return *n;
    error_ = n.error();
    return {};
  }
  template <class T>
  Result<T> checked(T computed) const {
    if (!error_) return error_.error();
    return computed;
  }

 private:
  const StoredTree& tree_;
  mutable Status error_;
};

std::string StoredTree::schema(std::string_view prefix) { return TreeTables::schema(prefix); }

Result<StoredTree> StoredTree::open(const Database& db, std::string_view prefix) {
  LM_ASSIGN(TreeTables tables, TreeTables::open(db, prefix));
  StoredTree tree(std::move(tables));
  LM_TRY(tree.reload());
  return tree;
}

std::uint64_t StoredTree::hashes(unsigned level, std::uint64_t size) {
  return size >> (kTileHeight * level);
}

Status StoredTree::reload() {
  cache_.clear();
  failed_ = true;
  LM_TRY(tables_.at_one_moment([this] { return load(); }));
  failed_ = false;
  return {};
}

Status StoredTree::load() {
  LM_ASSIGN(const auto edge, tables_.edge());
  LM_TRY(take_edge(edge));
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    const std::uint64_t expected = tiles(level, size_);
    LM_ASSIGN(const std::uint64_t count, tables_.tile_count(level));
    if (count != expected) {
      return fail(Errc::kCorrupt, fmt::format("level {} of the stored tree has {} tiles and its "
                                              "edge is that of a tree with {}",
                                              level, count, expected));
    }
  }
  // From the top: each is compared to the level above it.
  for (unsigned level = kTreeLevels; level-- > 0;) {
    if (const std::uint64_t count = tiles(level, size_); count != 0) {
      LM_TRY(tile({level, count - 1}));
    }
  }
  return {};
}

// The number of hashes in the edges tells the size: each is one digit of it to the base 256.
Status StoredTree::take_edge(const std::vector<EdgeHash>& edge) {
  edge_ = {};
  size_ = 0;
  for (const auto& e : edge) {
    edge_[e.level].append(e.hash);
    size_ += std::uint64_t{1} << (kTileHeight * e.level);
  }
  if (size_ > kTreeSizeMax) return fail(Errc::kCorrupt, "the stored tree's edge is beyond 2^53");
  std::array<std::uint64_t, kTreeLevels> next{};
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    next[level] = tiles(level, size_) * kTileWidth;
  }
  for (const auto& e : edge) {
    if (edge_[e.level].size() < kTileWidth && e.index == next[e.level]++) continue;
    return fail(Errc::kCorrupt, fmt::format("the stored tree's edge has hash {} of level {} where "
                                            "{} was expected",
                                            e.index, e.level, next[e.level] - 1));
  }
  return {};
}

Status StoredTree::append(const Digest& leaf) {
  LM_TRY(ready(size_));
  LM_ASSERT(size_ < kTreeSizeMax);
  Status done = grow(leaf);
  failed_ = !done;
  return done;
}

Status StoredTree::grow(const Digest& leaf) {
  Digest hash = leaf;
  for (unsigned level = 0;; ++level) {
    const std::uint64_t index = hashes(level, size_);
    const bool first = edge_[level].size() == 0;
    if (first) {  // the edge cannot tell whether the tiles are still those that were loaded
      LM_ASSIGN(const std::uint64_t count, tables_.tile_count(level));
      if (count != index / kTileWidth) {
        return fail(Errc::kConflict, fmt::format("level {} of the stored tree has {} tiles, not {}",
                                                 level, count, index / kTileWidth));
      }
    }
    LM_TRY(tables_.add_edge({level, index, hash}, first));
    edge_[level].append(hash);
    if (edge_[level].size() < kTileWidth) break;
    hash = edge_[level].root();
    LM_TRY(close_tile({level, index / kTileWidth}));
  }
  ++size_;
  return {};
}

Status StoredTree::close_tile(TileId tile) {
  LM_TRY(tables_.add_tile(tile, joined(edge_[tile.level])));
  LM_TRY(tables_.drop_edge(tile.level, 0));
  cache_.put(tile, std::exchange(edge_[tile.level], {}));
  return {};
}

Status StoredTree::truncate(std::uint64_t size) {
  LM_TRY(ready(size_));
  if (size >= size_) return {};
  Status done = shrink(size);
  failed_ = !done;
  return done;
}

Status StoredTree::shrink(std::uint64_t size) {
  std::array<merkle::MemoryTree, kTreeLevels> edge;  // all are read before anything is changed
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    LM_ASSIGN(edge[level], edge_at(level, size));
  }
  for (unsigned level = 0; level < kTreeLevels; ++level) {
    const std::uint64_t begin = tiles(level, size) * kTileWidth;
    if (tiles(level, size) == tiles(level, size_)) {
      LM_TRY(tables_.drop_edge(level, hashes(level, size)));
      continue;
    }
    LM_TRY(tables_.drop_edge(level, 0));
    LM_TRY(tables_.drop_tiles({level, tiles(level, size)}));
    for (std::uint64_t i = 0; i < edge[level].size(); ++i) {
      LM_TRY(tables_.add_edge({level, begin + i, edge[level].leaf(i)}, i == 0));
    }
  }
  edge_ = std::move(edge);
  size_ = size;
  cache_.clear();
  return {};
}

// What stands in the edge of `level` in the tree of the first `size` leaves.
Result<merkle::MemoryTree> StoredTree::edge_at(unsigned level, std::uint64_t size) const {
  const TileId id{level, tiles(level, size)};
  const std::uint64_t count = in_tile(hashes(level, size));
  merkle::MemoryTree edge;
  if (count == 0) return edge;
  if (id.index == tiles(level, size_)) {
    edge = edge_[level];
  } else {
    LM_ASSIGN(const auto* whole, tile(id));
    edge = *whole;
  }
  edge.truncate(count);
  return edge;
}

Status StoredTree::ready(std::uint64_t size) const {
  if (failed_) return fail(Errc::kNotReady, "the stored tree must be read again after a failure");
  if (size > size_) {
    return fail(Errc::kNotFound, fmt::format("a tree of {} leaves has none of {}", size_, size));
  }
  return {};
}

Result<Digest> StoredTree::leaf(std::uint64_t index) const {
  LM_TRY(ready(size_));
  if (index >= size_) {
    return fail(Errc::kNotFound, fmt::format("a tree of {} leaves has no leaf {}", size_, index));
  }
  return node(0, index);
}

Result<Digest> StoredTree::root_at(std::uint64_t size) const {
  LM_TRY(ready(size));
  const Nodes nodes(*this);
  return nodes.checked(merkle::root(nodes, size));
}

Result<merkle::Path> StoredTree::inclusion(std::uint64_t index, std::uint64_t size) const {
  LM_TRY(ready(size));
  if (index >= size) {
    return fail(Errc::kNotFound, fmt::format("a tree of {} leaves has no leaf {}", size, index));
  }
  const Nodes nodes(*this);
  return nodes.checked(merkle::inclusion_path(nodes, index, size));
}

Result<merkle::Path> StoredTree::consistency(std::uint64_t from, std::uint64_t to) const {
  LM_TRY(ready(to));
  if (from > to) {
    return fail(Errc::kNotFound, fmt::format("a tree of {} leaves has none of {}", to, from));
  }
  const Nodes nodes(*this);
  return nodes.checked(merkle::consistency_path(nodes, from, to));
}

// The node that covers 2^height leaves, of which all are there.
Result<Digest> StoredTree::node(unsigned height, std::uint64_t index) const {
  const unsigned level = height / kTileHeight;
  const unsigned inner = height % kTileHeight;
  const unsigned above = kTileHeight - inner;
  const std::uint64_t tile_index = index >> above;
  const std::uint64_t place = index - (tile_index << above);
  if (tile_index == tiles(level, size_)) return edge_[level].node(inner, place);
  LM_ASSIGN(const auto* nodes, tile({level, tile_index}));
  return nodes->node(inner, place);
}

Result<merkle::MemoryTree> StoredTree::read_tile(TileId tile) const {
  LM_ASSIGN(const Digest above, node(kTileHeight * (tile.level + 1), tile.index));
  LM_ASSIGN(const auto hashes, tables_.tile(tile));
  merkle::MemoryTree nodes;
  for (const auto& hash : hashes) nodes.append(hash);
  if (nodes.root() != above) {
    return fail(Errc::kCorrupt, describe(tile) + " does not give the hash above it");
  }
  return nodes;
}

Result<const merkle::MemoryTree*> StoredTree::tile(TileId tile) const {
  if (const auto* nodes = cache_.find(tile)) return nodes;
  LM_ASSIGN(auto nodes, read_tile(tile));
  return cache_.put(tile, std::move(nodes));
}

}  // namespace lotmark::store
