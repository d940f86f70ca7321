// The two tables a stored tree stands in: full tiles of hashes, and what does not fill one yet.
//
// Level 0 holds the leaves, level k the roots of the tiles of level k - 1: a hash of level k stands for 256^k
// leaves. Hash i of a level stands in tile i / 256. The place of a tile is level * 2^48 + its index: an
// integer key, because 8 KiB rows of a table WITHOUT ROWID spill into its inner pages (docs/PERFORMANCE.md).
// Statements only; StoredTree knows what they mean. It keeps no pointer to the Database, which may move.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/store/database.h"

namespace lotmark::store {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 1u << kTileHeight;
inline constexpr unsigned kTreeLevels = 7;  // 2^53 leaves need seven
inline constexpr std::uint64_t kTreeSizeMax = std::uint64_t{1} << 53;

struct TileId {
  unsigned level = 0;
  std::uint64_t index = 0;

  bool operator==(const TileId&) const = default;
  std::uint64_t place() const { return (std::uint64_t{level} << 48) | index; }
};

// "tile 17 of level 0 (leaves 4352 to 4607)"
std::string describe(TileId tile);

struct EdgeHash {
  unsigned level = 0;
  std::uint64_t index = 0;
  Digest hash;
};

class TreeTables {
 public:
  static std::string schema(std::string_view prefix);
  // store if the tables are not there.
  static Result<TreeTables> open(const Database& db, std::string_view prefix);

  // Its 256 hashes; corrupt, naming it, if it is missing or of another length.
  Result<std::vector<Digest>> tile(TileId tile) const;
  // One more than the highest index of the level.
  Result<std::uint64_t> tile_count(unsigned level) const;
  // By level and index; corrupt if there are more than an edge can have or one is no hash.
  Result<std::vector<EdgeHash>> edge() const;

  Status add_tile(TileId tile, ByteView hashes);
  // conflict unless it follows on what the level's edge ends with, or begins an edge that is empty (`first`).
  Status add_edge(const EdgeHash& hash, bool first);
  Status drop_tiles(TileId from);
  Status drop_edge(unsigned level, std::uint64_t from);

  // What `work` reads is of one moment, though another process writes.
  Status at_one_moment(const std::function<Status()>& work) const;

 private:
  TreeTables() = default;
  mutable std::vector<Query> queries_;
};

}  // namespace lotmark::store
