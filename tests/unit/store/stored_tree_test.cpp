#include "core/store/stored_tree.h"

#include <random>

#include "tests/unit/store/stored_tree_fixture.h"

namespace lotmark::store {
namespace {

TEST_F(StoredTreeTest, EmptyTreeHasTheEmptyRootAndNothingElse) {
  EXPECT_EQ(tree_->size(), 0u);
  EXPECT_EQ(must(tree_->root()), merkle::empty_root());
  EXPECT_EQ(tree_->leaf(0).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->inclusion(0, 0).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->root_at(1).code(), Errc::kNotFound);
  EXPECT_TRUE(must(tree_->consistency(0, 0)).empty());
  EXPECT_EQ(tree_->check(0, 0).code(), Errc::kNotFound);
}

TEST_F(StoredTreeTest, WhatIsBeyondTheTreeIsNotFound) {
  grow(300);
  EXPECT_EQ(tree_->leaf(300).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->inclusion(5, 301).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->inclusion(5, 5).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->consistency(6, 5).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->consistency(1, 301).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->check(0, 1).code(), Errc::kNotFound);
  EXPECT_EQ(tree_->check(99, 0).code(), Errc::kNotFound);
}

TEST_F(StoredTreeTest, EveryRootUpTo1100IsThatOfTheTreeInMemoryAlsoAfterReopening) {
  must(db_.exec("PRAGMA synchronous=OFF"));
  for (int i = 0; i < 1100; ++i) {
    grow(1);
    expect_same_root();
    reopen();
    expect_same_root();
  }
}

TEST_F(StoredTreeTest, AllPathsOfOldAndNewSizesAreThoseOfTheTreeInMemory) {
  std::vector<std::uint64_t> sizes = {254, 255, 256, 257, 258, 300,  510,  511,  512,
                                      513, 514, 767, 768, 769, 1023, 1024, 1025, 2000};
  for (std::uint64_t n = 0; n < 20; ++n) sizes.push_back(n);
  for (auto size : sizes) {
    if (size > model_.size()) grow_to(size);
    expect_same_paths(size);  // as the newest tree
  }
  grow_to(2003);
  for (auto size : sizes) expect_same_paths(size);  // as an older one
}

TEST_F(StoredTreeTest, RootsAndPathsHoldWhereTheSecondLevelClosesATile) {
  for (std::uint64_t size : {65535u, 65536u, 65537u}) {
    grow_to(size);
    expect_same_root();
    expect_same_paths(size, 997);
    reopen();
    expect_same_root();
    expect_same_paths(size, 1499);
    expect_same_paths(size - 300, 4999);
  }
  EXPECT_EQ(count("block_tile", db_), 257u);
  EXPECT_EQ(count("block_edge", db_), 2u);  // the third level's first hash, and one leaf
}

TEST_F(StoredTreeTest, TruncatedAcrossTilesItGrowsOnAsIfNothingHadBeenThere) {
  grow(65537);
  for (std::uint64_t size : {65536u, 65535u, 65281u, 65280u, 65279u, 1000u, 513u, 512u, 511u, 257u,
                             256u, 255u, 1u, 0u}) {
    truncate(size);
    expect_same_root();
    reopen();
    expect_same_root();
    grow(3);
    expect_same_root();
    expect_same_paths(model_.size(), 1 + size / 50);
  }
}

TEST_F(StoredTreeTest, ManyRandomChangesAndRollbacksEndAsInMemory) {
  must(db_.exec("PRAGMA synchronous=OFF"));
  std::mt19937_64 random(20240611);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  for (int turn = 0; turn < 400; ++turn) {
    switch (below(6)) {
      case 0: grow(below(3)); break;
      case 1: grow(below(700)); break;
      case 2: truncate(model_.size() - below(model_.size() / 3 + 1)); break;
      case 3:
        roll_back([&] { return add(below(600)); });
        must(tree_->reload());
        break;
      case 4:
        roll_back([&] { return tree_->truncate(below(model_.size() + 1)); });
        must(tree_->reload());
        break;
      default: reopen();
    }
    expect_same_root();
    if (model_.size() == 0) continue;
    const auto size = 1 + below(model_.size());
    ASSERT_EQ(must(tree_->root_at(size)), model_.root_at(size)) << turn;
    const auto i = below(size);
    ASSERT_EQ(must(tree_->inclusion(i, size)), merkle::inclusion_path(model_, i, size)) << turn;
    ASSERT_EQ(must(tree_->consistency(i, size)), merkle::consistency_path(model_, i, size));
  }
}

TEST_F(StoredTreeTest, AppendAndTruncateInOneTransactionAreOneChange) {
  grow(500);
  must(db_.transaction([&]() -> Status {
    LM_TRY(add(300));
    LM_TRY(tree_->truncate(490));
    model_.truncate(490);
    return add(30);
  }));
  expect_same_root();
  reopen();
  expect_same_root();
  expect_same_paths(520, 7);
}

TEST_F(StoredTreeTest, WithoutReloadAfterARollbackNothingIsAppended) {
  for (std::uint64_t lost : {1u, 100u, 256u, 512u}) {  // 256 and 512: the edge is as full as before
    grow_to(1024 + lost);
    roll_back([&] { return add(lost); });
    const auto change = [&] { return db_.transaction([&] { return tree_->append(leaf_no(1)); }); };
    EXPECT_EQ(change().code(), Errc::kConflict) << lost;
    EXPECT_EQ(change().code(), Errc::kNotReady) << lost;
    EXPECT_EQ(tree_->root().code(), Errc::kNotReady);
    must(tree_->reload());
    expect_same_root();
  }
}

TEST_F(StoredTreeTest, TwoTreesInOneDatabaseDoNotMeet) {
  must(db_.exec(StoredTree::schema("intake_")));
  auto other = must(StoredTree::open(db_, "intake_"));
  merkle::MemoryTree other_model;
  grow(700);
  must(db_.transaction([&]() -> Status {
    for (std::uint64_t i = 0; i < 300; ++i) {
      LM_TRY(other.append(leaf_no(1'000'000 + i)));
      other_model.append(leaf_no(1'000'000 + i));
    }
    return {};
  }));
  truncate(100);
  EXPECT_EQ(must(must(StoredTree::open(db_, "intake_")).root()), other_model.root());
  reopen();
  expect_same_root();
}

TEST_F(StoredTreeTest, AReaderSeesWhatAnotherConnectionAddedOnceItReloads) {
  grow(200);
  auto reading = must(Database::open(folder_ / "chain.db", {.read_only = true}));
  auto reader = must(StoredTree::open(reading, "block_"));
  const Digest before = model_.root();
  grow(400);
  EXPECT_EQ(must(reader.root()), before);
  EXPECT_EQ(must(reader.inclusion(7, 200)), merkle::inclusion_path(model_, 7, 200));
  must(reader.reload());
  EXPECT_EQ(must(reader.root()), model_.root());
  EXPECT_EQ(must(reader.inclusion(7, 600)), merkle::inclusion_path(model_, 7, 600));
  truncate(100);
  grow(300);
  must(reader.reload());
  EXPECT_EQ(must(reader.root()), model_.root());
  EXPECT_EQ(must(reader.consistency(90, 400)), merkle::consistency_path(model_, 90, 400));
  EXPECT_EQ(reader.append(leaf_no(1)).code(), Errc::kStore);
}

TEST_F(StoredTreeTest, AReaderInATransactionStaysWithOneMoment) {
  grow(600);
  auto reading = must(Database::open(folder_ / "chain.db", {.read_only = true}));
  auto reader = must(StoredTree::open(reading, "block_"));
  must(reading.exec("BEGIN"));
  must(reader.reload());
  const Digest before = model_.root();
  const auto path = merkle::inclusion_path(model_, 300, 600);
  truncate(5);
  EXPECT_EQ(must(reader.inclusion(300, 600)), path);
  EXPECT_EQ(must(reader.root()), before);
  EXPECT_TRUE(reader.check(0, 1));
  must(reading.exec("COMMIT"));
  must(reader.reload());
  EXPECT_EQ(must(reader.root()), model_.root());
}

TEST_F(StoredTreeTest, ADatabaseWithoutTheTablesIsAStoreError) {
  EXPECT_EQ(StoredTree::open(db_, "other_").code(), Errc::kStore);
}

}  // namespace
}  // namespace lotmark::store
