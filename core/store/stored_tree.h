// A Merkle tree of RFC 9162 whose nodes live in SQLite: it opens at once and in constant memory at any size,
// and costs 34 bytes a leaf on disk.
//
// Kept are the leaves and every eighth level above them, in tiles of 256 hashes (tree_tables.h); nodes between
// are computed when a tile is read. A tile that is read is compared to the hash above it, up to the edge, which
// is in memory: a path that is given folds to root(), and a damaged tile is corrupt by name. Only the edge has
// nothing above it: compare root() to a signed one. What is read by several calls while another process writes
// is of one moment inside the caller's transaction, begun before reload().
#pragma once

#include <array>
#include <string>

#include "core/merkle/tree.h"
#include "core/store/database.h"
#include "core/store/tile_cache.h"
#include "core/store/tree_tables.h"

namespace lotmark::store {

// One Database, owned by the caller, outlives it; one thread at a time.
class StoredTree {
 public:
  // Where a self-check goes on; {} begins.
  using Cursor = TileId;

  // The tables, as one migration step. Their names begin with `prefix` (a to z and _), so that a database may
  // hold several trees.
  static std::string schema(std::string_view prefix);
  // Reads the right edge: at most 255 hashes and one tile a level. store if the tables are not there; corrupt
  // when tiles and edge do not fit.
  static Result<StoredTree> open(const Database& db, std::string_view prefix);

  std::uint64_t size() const { return size_; }
  // Both inside the caller's transaction, or a crash may leave half of the change. After their error, and
  // whenever that transaction is rolled back, reload() comes before anything else; a change that is tried
  // on a tree that was not reloaded is refused (conflict).
  Status append(const Digest& leaf);
  // Forgets the leaves from `size` on; nothing if there are none.
  Status truncate(std::uint64_t size);
  // Takes what is stored now: after a rolled back transaction, or on a read-only connection when another
  // process changed the tree. As open().
  Status reload();

  // not-found beyond size(); corrupt naming a damaged or missing tile; not-ready after a failed change.
  Result<Digest> leaf(std::uint64_t index) const;
  Result<Digest> root() const { return root_at(size_); }  // no I/O
  Result<Digest> root_at(std::uint64_t size) const;
  Result<merkle::Path> inclusion(std::uint64_t index, std::uint64_t size) const;
  Result<merkle::Path> consistency(std::uint64_t from, std::uint64_t to) const;

  // Reads tile `index` of `level` from the database, whether or not it is in memory, and compares its root to
  // the hash above it: corrupt naming it. not-found if the tree has no such tile.
  Status check(unsigned level, std::uint64_t index) const;
  // Checks up to `tiles` tiles and moves the cursor; true when the round is over, the edge compared to memory,
  // and the cursor back at the start. On an error the cursor stands behind what it names.
  Result<bool> check_next(Cursor& cursor, std::uint64_t tiles) const;

 private:
  class Nodes;
  explicit StoredTree(TreeTables tables) : tables_(std::move(tables)) {}

  Status load();
  Status take_edge(const std::vector<EdgeHash>& edge);
  Status grow(const Digest& leaf);
  Status close_tile(TileId tile);
  Status shrink(std::uint64_t size);
  Result<merkle::MemoryTree> edge_at(unsigned level, std::uint64_t size) const;
  Status check_edge() const;
  Status ready(std::uint64_t size) const;

  // Hashes of a level, and full tiles of it, in a tree of `size` leaves.
  static std::uint64_t hashes(unsigned level, std::uint64_t size);
  static std::uint64_t tiles(unsigned level, std::uint64_t size) { return hashes(level + 1, size); }

  Result<Digest> node(unsigned height, std::uint64_t index) const;
  // Read and computed, compared to the hash above.
  Result<merkle::MemoryTree> read_tile(TileId tile) const;
  // The same, from memory if it is there; valid until the next call.
  Result<const merkle::MemoryTree*> tile(TileId tile) const;

  TreeTables tables_;
  std::array<merkle::MemoryTree, kTreeLevels> edge_;  // of each level what does not fill a tile
  std::uint64_t size_ = 0;
  bool failed_ = false;  // a change was not made whole
  mutable TileCache cache_{kTilesInMemory};

  static constexpr std::size_t kTilesInMemory = 64;  // 1 MiB
};

}  // namespace lotmark::store
