// A stored tree in a database of its own, and beside it the tree in memory that it has to agree with.
#pragma once

#include <gtest/gtest.h>

#include "core/store/stored_tree.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::store {

inline Digest leaf_no(std::uint64_t n) {
  return merkle::leaf_hash({reinterpret_cast<const std::uint8_t*>(&n), sizeof n});
}

class StoredTreeTest : public ::testing::Test {
 protected:
  StoredTreeTest() {
    EXPECT_TRUE(db_.migrate({StoredTree::schema("block_")}));
    reopen();
  }

  template <class T>
  static T must(Result<T> r) {
    if (!r) throw std::runtime_error(r.error().message());
    return *std::move(r);
  }
  static void must(const Status& done) {
    if (!done) throw std::runtime_error(done.error().message());
  }
  void reopen() { tree_.emplace(must(StoredTree::open(db_, "block_"))); }

  // Leaves with numbers that were never used, here and in the model.
  Status add(std::uint64_t count) {
    for (; count > 0; --count) {
      LM_TRY(tree_->append(leaf_no(next_)));
      model_.append(leaf_no(next_++));
    }
    return {};
  }
  void grow(std::uint64_t count) {
    must(db_.transaction([&] { return add(count); }));
  }
  void grow_to(std::uint64_t size) { grow(size - model_.size()); }
  void truncate(std::uint64_t size) {
    must(db_.transaction([&] { return tree_->truncate(size); }));
    model_.truncate(size);
  }
  // What was done in it is undone in the model too.
  void roll_back(const std::function<Status()>& work) {
    const auto before = model_;
    EXPECT_EQ(db_.transaction([&]() -> Status {
                   LM_TRY(work());
                   return Errc::kUnavailable;
                 })
                  .code(),
              Errc::kUnavailable);
    model_ = before;
  }

  void expect_same_root() {
    ASSERT_EQ(tree_->size(), model_.size());
    ASSERT_EQ(must(tree_->root()), model_.root()) << model_.size();
  }
  // Path of each leaf `step` apart, and consistency from as many sizes, in the tree of the first `size`.
  void expect_same_paths(std::uint64_t size, std::uint64_t step = 1) {
    ASSERT_EQ(must(tree_->root_at(size)), model_.root_at(size)) << size;
    for (std::uint64_t i = 0; i < size; i += step) {
      ASSERT_EQ(must(tree_->leaf(i)), model_.leaf(i));
      ASSERT_EQ(must(tree_->inclusion(i, size)), merkle::inclusion_path(model_, i, size)) << i;
      ASSERT_EQ(must(tree_->consistency(i, size)), merkle::consistency_path(model_, i, size)) << i;
    }
  }
  std::uint64_t count(const std::string& table, Database& db) {
    auto query = must(db.prepare("SELECT COUNT(*) FROM " + table));
    EXPECT_TRUE(must(query.step()));
    return query.u64(0);
  }

  test::TempFolder folder_;
  Database db_ = must(Database::open(folder_ / "chain.db"));
  std::optional<StoredTree> tree_;
  merkle::MemoryTree model_;
  std::uint64_t next_ = 0;
};

}  // namespace lotmark::store
