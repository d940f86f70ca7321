// What a damaged database does to a stored tree: it is noticed and named, and no path is made of it.
#include <fmt/format.h>

#include <fstream>

#include "tests/unit/store/stored_tree_fixture.h"

namespace lotmark::store {
namespace {

class TreeDamage : public StoredTreeTest {
 protected:
  void sql(const std::string& text) { must(db_.exec(text)); }
  // One bit of byte `at` of a tile, on disk.
  void flip(TileId tile, std::size_t at) {
    auto read = must(db_.prepare("SELECT hashes FROM block_tile WHERE place = ?1"));
    EXPECT_TRUE(must(read.bind(1, tile.place()).step()));
    Bytes hashes = to_bytes(read.blob(0));
    read.reset();
    hashes[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
    auto write = must(db_.prepare("UPDATE block_tile SET hashes = ?2 WHERE place = ?1"));
    must(write.bind(1, tile.place()).bind(2, hashes).run());
  }
  static void expect_corrupt(const Status& found, const std::string& what) {
    ASSERT_EQ(found.code(), Errc::kCorrupt);
    EXPECT_NE(found.error().text.find(what), std::string::npos) << found.error().text;
  }
  Status opening() {
    auto tree = StoredTree::open(db_, "block_");
    return tree ? Status{} : tree.error();
  }
  // What a scheduled self-check would tell in one round, a tile a call.
  std::vector<std::string> round() {
    std::vector<std::string> found;
    StoredTree::Cursor cursor;
    for (int calls = 0; calls < 2000; ++calls) {
      auto over = tree_->check_next(cursor, 1);
      if (over && *over) return found;
      if (over) continue;
      found.push_back(over.error().text);
      if (cursor == StoredTree::Cursor{}) return found;
    }
    ADD_FAILURE() << "the round does not end";
    return found;
  }
};

TEST_F(TreeDamage, EveryByteOfATileFlippedIsNamed) {
  must(db_.exec("PRAGMA synchronous=OFF"));
  grow(600);
  for (std::size_t at = 0; at < kTileWidth * Digest::kSize; ++at) {
    flip({0, 1}, at);
    const Status found = tree_->check(0, 1);
    ASSERT_EQ(found.code(), Errc::kCorrupt) << at;
    ASSERT_EQ(found.error().text,
              "tile 1 of level 0 (leaves 256 to 511) does not give the hash above it");
    ASSERT_TRUE(tree_->check(0, 0));
    flip({0, 1}, at);
  }
  EXPECT_TRUE(tree_->check(0, 1));
}

// SQLite does not end what was begun for reading then: everything by this connection would fail from there on.
TEST_F(TreeDamage, APageThatIsNoneLeavesNoTransactionOpen) {
  grow(600);
  must(db_.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  for (const char* table : {"block_edge", "block_tile"}) {
    auto root = must(db_.prepare("SELECT rootpage FROM sqlite_master WHERE name = ?"));
    ASSERT_TRUE(must(root.bind(1, std::string_view(table)).step()));
    const auto page = root.u64(0);
    root.reset();
    auto other = must(Database::open(folder_ / "chain.db"));
    auto tree = must(StoredTree::open(other, "block_"));
    must(db_.exec("CREATE TABLE changed_by_" + std::string(table) + "(n)"));
    must(db_.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
    std::fstream file(folder_ / "chain.db", std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>((page - 1) * 4096);
    std::string good(4096, 0);
    file.seekg(at).read(good.data(), 4096);
    file.seekp(at).write(std::string(4096, '\xaa').data(), 4096).flush();
    EXPECT_FALSE(tree.reload()) << table;
    EXPECT_TRUE(other.exec("BEGIN; COMMIT")) << table;
    file.seekp(at).write(good.data(), 4096).flush();
  }
}

TEST_F(TreeDamage, NoPathIsMadeOfADamagedTile) {
  grow(1000);
  flip({0, 1}, 77);
  must(tree_->reload());
  EXPECT_TRUE(tree_->inclusion(3, 256));
  EXPECT_TRUE(tree_->inclusion(800, 1000));
  for (const Errc found :
       {tree_->leaf(300).code(), tree_->inclusion(300, 1000).code(), tree_->root_at(400).code(),
        tree_->consistency(400, 1000).code(), tree_->truncate(400).code()}) {
    EXPECT_EQ(found, Errc::kCorrupt);
  }
}

TEST_F(TreeDamage, ADamagedTileOfTheSecondLevelIsNamedByItselfAndByThoseBelow) {
  grow(65536 + 10);
  flip({1, 0}, 5000);
  const std::string what = "tile 0 of level 1 (leaves 0 to 65535) does not give the hash above it";
  expect_corrupt(tree_->check(1, 0), what);
  expect_corrupt(opening(), what);
  EXPECT_EQ(tree_->reload().code(), Errc::kCorrupt);
  EXPECT_EQ(tree_->root().code(), Errc::kNotReady);
}

TEST_F(TreeDamage, AMissingTileIsCorrupt) {
  grow(1000);
  sql("DELETE FROM block_tile WHERE place = 1");
  must(tree_->reload());  // the last tile is there
  expect_corrupt(tree_->check(0, 1), "tile 1 of level 0 (leaves 256 to 511) is missing");
  EXPECT_EQ(tree_->inclusion(300, 1000).code(), Errc::kCorrupt);
  EXPECT_EQ(round(), std::vector<std::string>{"tile 1 of level 0 (leaves 256 to 511) is missing"});
  sql("DELETE FROM block_tile WHERE place = 2");
  expect_corrupt(opening(),
                 "level 0 of the stored tree has 1 tiles and its edge is that of a tree");
}

TEST_F(TreeDamage, ATileOfAnotherLengthIsCorrupt) {
  grow(600);
  for (const char* hashes :
       {"x''", "zeroblob(8191)", "zeroblob(8224)", "zeroblob(100000)", "'text'"}) {
    sql(fmt::format("UPDATE block_tile SET hashes = {} WHERE place = 0", hashes));
    expect_corrupt(tree_->check(0, 0), "tile 0 of level 0 (leaves 0 to 255) has the wrong length");
  }
}

TEST_F(TreeDamage, AnEdgeThatDoesNotFitIsCorruptAtOpening) {
  grow(65536 + 700);
  for (
      const char* change : {
          "DELETE FROM block_edge WHERE level = 0 AND idx = 66100",  // a gap
          "DELETE FROM block_edge WHERE level = 1",                  // a level
          "DELETE FROM block_edge WHERE level = 2",
          "DELETE FROM block_edge",
          "UPDATE block_edge SET level = 3 WHERE level = 2",
          "UPDATE block_edge SET level = 6 WHERE level = 2",
          "UPDATE block_edge SET level = 7 WHERE level = 2",
          "UPDATE block_edge SET level = -1 WHERE level = 2",
          "UPDATE block_edge SET idx = -5 WHERE level = 2",
          "UPDATE block_edge SET hash = x'00' WHERE level = 2",
          "UPDATE block_edge SET hash = zeroblob(32) WHERE level = 2",  // not that of the tile below
          "UPDATE block_edge SET hash = zeroblob(32) WHERE level = 1",
          "INSERT INTO block_edge VALUES(3, 0, zeroblob(32))",
          "INSERT INTO block_tile VALUES(2 << 48, zeroblob(8192))",
          "INSERT INTO block_tile VALUES(300, zeroblob(8192))",
          "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
          "INSERT INTO block_edge SELECT 5, i, zeroblob(32) FROM n",
          "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 254) "
          "INSERT INTO block_edge SELECT 6, i, zeroblob(32) FROM n",
      }) {
    sql("BEGIN");
    sql(change);
    EXPECT_EQ(opening().code(), Errc::kCorrupt) << change;
    sql("ROLLBACK");
  }
  EXPECT_TRUE(opening());
}

TEST_F(TreeDamage, ATreeBeyondTheNumbersOfTheFormatsIsCorruptAtOpening) {
  for (const std::uint64_t top : {32u, 33u}) {  // times 2^48 leaves: 2^53 are the most
    merkle::MemoryTree tile;  // the last of each level, which is all that opening reads
    for (std::uint64_t i = 0; i < kTileWidth; ++i) tile.append(leaf_no(i));
    sql("DELETE FROM block_tile; DELETE FROM block_edge");
    for (unsigned level = 0; level + 1 < kTreeLevels; ++level) {
      const TileId id{level, (top << (kTileHeight * (5 - level))) - 1};
      auto add = must(db_.prepare("INSERT INTO block_tile VALUES(?1, ?2)"));
      Bytes hashes;
      for (std::uint64_t i = 0; i < kTileWidth; ++i) {
        hashes.insert(hashes.end(), tile.leaf(i).bytes.begin(), tile.leaf(i).bytes.end());
      }
      must(add.bind(1, id.place()).bind(2, hashes).run());
      const Digest above = tile.root();
      tile.truncate(kTileWidth - 1);
      tile.append(above);
    }
    for (std::uint64_t i = 0; i < top; ++i) {
      auto add = must(db_.prepare("INSERT INTO block_edge VALUES(6, ?1, ?2)"));
      must(add.bind(1, i).bind(2, tile.leaf(kTileWidth - 1)).run());
    }
    EXPECT_EQ(opening().code(), top == 32 ? Errc::kOk : Errc::kCorrupt);
  }
}

TEST_F(TreeDamage, AChangedLeafOfTheEdgeIsNoticedByTheCheckAndByTheRoot) {
  grow(1000);
  sql("UPDATE block_edge SET hash = zeroblob(32) WHERE level = 0 AND idx = 900");
  EXPECT_EQ(round(),
            std::vector<std::string>{"the stored edge of a tree of 1000 leaves has changed"});
  reopen();
  EXPECT_NE(must(tree_->root()), model_.root());
}

TEST_F(TreeDamage, ASelfCheckGoesThroughAllTilesInBoundedSteps) {
  grow(65536 + 1000);
  EXPECT_TRUE(round().empty());
  StoredTree::Cursor cursor;
  int calls = 1;
  while (!must(tree_->check_next(cursor, 10))) ++calls;
  EXPECT_EQ(calls, 27);  // 259 tiles of leaves, one above, and the edge
  flip({0, 3}, 0);
  flip({0, 257}, 8191);
  EXPECT_EQ(round(),
            (std::vector<std::string>{
                "tile 3 of level 0 (leaves 768 to 1023) does not give the hash above it",
                "tile 257 of level 0 (leaves 65792 to 66047) does not give the hash above it"}));
}

TEST_F(TreeDamage, ASelfCheckSurvivesATreeThatShrankMeanwhile) {
  grow(66000);
  StoredTree::Cursor cursor;
  EXPECT_FALSE(must(tree_->check_next(cursor, 200)));
  truncate(300);
  EXPECT_TRUE(must(tree_->check_next(cursor, 1)));
  EXPECT_EQ(cursor, StoredTree::Cursor{});
}

}  // namespace
}  // namespace lotmark::store
