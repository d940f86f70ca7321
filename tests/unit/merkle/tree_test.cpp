#include "core/merkle/tree.h"

#include <gtest/gtest.h>

#include "core/crypto/sha256.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::merkle {
namespace {

using test::fixed;

TEST(Tree, AgreesWithTheContractOnRootsAndPaths) {
  const auto trees = test::contract("trees.json");
  for (const auto& t : trees["rfc9162"]) {
    MemoryTree tree;
    CompactRange range;
    for (const auto& e : t["entries"]) {
      tree.append_entry(test::hex(e));
      range.append(leaf_hash(test::hex(e)));
    }
    EXPECT_EQ(to_hex(tree.root()), t["root"]);
    EXPECT_EQ(to_hex(range.root()), t["root"]);
    for (std::size_t i = 0; i < t["paths"].size(); ++i) {
      Path path;
      for (const auto& h : t["paths"][i]) path.push_back(fixed<Digest>(h));
      EXPECT_EQ(tree.inclusion(i), path);
      auto folded = fold_inclusion(leaf_hash(test::hex(t["entries"][i])), i, tree.size(), path);
      ASSERT_TRUE(folded);
      EXPECT_EQ(*folded, tree.root());
    }
    for (const auto& c : t["consistency"]) {
      Path path;
      for (const auto& h : c["path"]) path.push_back(fixed<Digest>(h));
      const std::uint64_t from = c["from"];
      EXPECT_EQ(consistency_path(tree, from, tree.size()), path);
      EXPECT_TRUE(verify_consistency(from, tree.root_at(from), tree.size(), tree.root(), path));
    }
  }
}

TEST(Tree, HashesOfEveryLengthAreTheSameByEveryWay) {
  const Bytes data(300, 0xa5);
  for (std::size_t n = 0; n <= data.size(); ++n) {
    const ByteView view = ByteView(data).first(n);
    EXPECT_EQ(sha256(view), sha256({view})) << n;
    Bytes leaf{0};
    leaf.insert(leaf.end(), view.begin(), view.end());
    EXPECT_EQ(leaf_hash(view), sha256({ByteView(leaf)})) << n;
  }
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),  // FIPS 180-4
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Tree, EveryPathOfEverySizeFoldsAndNoChangedOneDoes) {
  MemoryTree tree;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    tree.append_entry(as_bytes(std::to_string(n)));
    const Digest r = tree.root();
    for (std::uint64_t i = 0; i < n; ++i) {
      Path p = tree.inclusion(i);
      const Digest leaf = leaf_hash(as_bytes(std::to_string(i + 1)));
      ASSERT_EQ(*fold_inclusion(leaf, i, n, p), r);
      if (!p.empty()) {
        Path bad = p;
        bad[0].bytes[5] ^= 1;
        EXPECT_NE(*fold_inclusion(leaf, i, n, bad), r);
        bad.pop_back();
        EXPECT_FALSE(fold_inclusion(leaf, i, n, bad));
      }
      p.push_back(r);
      EXPECT_FALSE(fold_inclusion(leaf, i, n, p));
      EXPECT_TRUE(i == 0 ||
                  verify_consistency(i, tree.root_at(i), n, r, consistency_path(tree, i, n)));
    }
    EXPECT_FALSE(fold_inclusion(r, n, n, {}));
  }
}

TEST(Tree, TruncatedTreeGrowsOnAsIfNothingHadBeenThere) {
  MemoryTree a;
  MemoryTree b;
  for (int i = 0; i < 37; ++i) a.append_entry(as_bytes(std::to_string(i)));
  a.truncate(21);
  for (int i = 0; i < 21; ++i) b.append_entry(as_bytes(std::to_string(i)));
  for (int i = 0; i < 9; ++i) {
    a.append_entry(as_bytes("x"));
    b.append_entry(as_bytes("x"));
  }
  EXPECT_EQ(a.root(), b.root());
}

}  // namespace
}  // namespace lotmark::merkle
