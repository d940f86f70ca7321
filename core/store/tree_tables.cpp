#include "core/store/tree_tables.h"

#include <fmt/format.h>

namespace lotmark::store {

namespace {

// Places in TreeTables::queries_, in the order of kStatements.
enum Statement : std::size_t {
  kTile,
  kTileLast,
  kEdge,
  kAddTile,
  kEdgeLast,
  kAddEdge,
  kDropTiles,
  kDropEdge,
  kBegin,
  kEnd,
  kUndo,
};

constexpr std::string_view kStatements[] = {
    "SELECT hashes FROM {}tile WHERE place = ?1",
    "SELECT MAX(place) FROM {}tile WHERE place BETWEEN ?1 AND ?2",
    "SELECT level, idx, hash FROM {}edge ORDER BY level, idx LIMIT ?1",
    "INSERT INTO {}tile(place, hashes) VALUES(?1, ?2)",
    "SELECT MAX(idx) FROM {}edge WHERE level = ?1",
    "INSERT INTO {}edge(level, idx, hash) VALUES(?1, ?2, ?3)",
    "DELETE FROM {}tile WHERE place BETWEEN ?1 AND ?2",
    "DELETE FROM {}edge WHERE level = ?1 AND idx >= ?2",
    "SAVEPOINT {}read",
    "RELEASE {}read",
    "ROLLBACK",
};

constexpr std::uint64_t kEdgeMax = kTreeLevels * (kTileWidth - 1);

std::uint64_t last_place(unsigned level) { return TileId{level + 1, 0}.place() - 1; }

bool is_name(std::string_view prefix) {
  return std::all_of(prefix.begin(), prefix.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::string describe(TileId tile) {
  const unsigned shift = kTileHeight * (tile.level + 1);
  return fmt::format("tile {} of level {} (leaves {} to {})", tile.index, tile.level,
                     tile.index << shift, ((tile.index + 1) << shift) - 1);
}

std::string TreeTables::schema(std::string_view prefix) {
  LM_ASSERT(is_name(prefix));
  return fmt::format(
      "CREATE TABLE {0}tile(place INTEGER PRIMARY KEY, hashes BLOB NOT NULL);"
      "CREATE TABLE {0}edge(level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,"
      "  PRIMARY KEY(level, idx)) WITHOUT ROWID;",
      prefix);
}

Result<TreeTables> TreeTables::open(const Database& db, std::string_view prefix) {
  LM_ASSERT(is_name(prefix));
  TreeTables tables;
  for (auto sql : kStatements) {
    LM_ASSIGN(Query query, db.prepare(fmt::format(fmt::runtime(sql), prefix)));
    tables.queries_.push_back(std::move(query));
  }
  return tables;
}

Result<std::vector<Digest>> TreeTables::tile(TileId tile) const {
  Query& query = queries_[kTile];
  query.bind(1, tile.place());
  LM_ASSIGN(const bool there, query.step());
  if (!there) return fail(Errc::kCorrupt, describe(tile) + " is missing");
  const ByteView hashes = query.blob(0);
  std::vector<Digest> out;
  if (hashes.size() == kTileWidth * Digest::kSize) {
    out.resize(kTileWidth);
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::memcpy(out[i].data(), hashes.data() + i * Digest::kSize, Digest::kSize);
    }
  }
  query.reset();
  if (out.empty()) return fail(Errc::kCorrupt, describe(tile) + " has the wrong length");
  return out;
}

Result<std::uint64_t> TreeTables::tile_count(unsigned level) const {
  Query& query = queries_[kTileLast];
  query.bind(1, TileId{level, 0}.place()).bind(2, last_place(level));
  LM_ASSIGN(const bool row, query.step());
  const std::uint64_t count =
      !row || query.is_null(0) ? 0 : query.u64(0) - TileId{level, 0}.place() + 1;
  query.reset();
  return count;
}

Result<std::vector<EdgeHash>> TreeTables::edge() const {
  Query& query = queries_[kEdge];
  query.bind(1, kEdgeMax + 1);
  std::vector<EdgeHash> out;
  for (;;) {
    LM_ASSIGN(const bool row, query.step());
    if (!row) break;
    const auto level = query.u64(0);
    auto hash = query.fixed<Digest>(2);
    if (!hash || level >= kTreeLevels || out.size() == kEdgeMax) {
      query.reset();
      return fail(Errc::kCorrupt, fmt::format("the tree's edge is damaged at level {}", level));
    }
    out.push_back({static_cast<unsigned>(level), query.u64(1), *hash});
  }
  return out;
}

Status TreeTables::add_tile(TileId tile, ByteView hashes) {
  LM_ASSERT(hashes.size() == kTileWidth * Digest::kSize);
  return queries_[kAddTile].bind(1, tile.place()).bind_view(2, hashes).run();
}

// Two statements: one that does both, INSERT ... SELECT ... RETURNING, took 40 us a leaf; these take 1.5.
Status TreeTables::add_edge(const EdgeHash& hash, bool first) {
  Query& last = queries_[kEdgeLast];
  LM_ASSIGN(const bool row, last.bind(1, std::uint64_t{hash.level}).step());
  const bool follows = row && (last.is_null(0) ? first : !first && last.u64(0) + 1 == hash.index);
  last.reset();
  if (!follows) {
    return fail(Errc::kConflict, fmt::format("hash {} of level {} does not follow on the stored "
                                             "tree",
                                             hash.index, hash.level));
  }
  Query& query = queries_[kAddEdge];
  return query.bind(1, std::uint64_t{hash.level}).bind(2, hash.index).bind(3, hash.hash).run();
}

Status TreeTables::drop_tiles(TileId from) {
  return queries_[kDropTiles].bind(1, from.place()).bind(2, last_place(from.level)).run();
}

Status TreeTables::drop_edge(unsigned level, std::uint64_t from) {
  return queries_[kDropEdge].bind(1, std::uint64_t{level}).bind(2, from).run();
}

Status TreeTables::at_one_moment(const std::function<Status()>& work) const {
  LM_TRY(queries_[kBegin].run());
  Status done = work();
  Status ended = queries_[kEnd].run();
  // Where a page could not be read SQLite ends nothing in order, and by what stays open everything later would fail.
  if (!ended) (void)queries_[kUndo].run();
  return done ? ended : done;
}

}  // namespace lotmark::store
