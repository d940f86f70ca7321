#include "core/merkle/annotated.h"

#include <gtest/gtest.h>

#include "core/merkle/tree.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::merkle {
namespace {

using test::fixed;

Annotation annotation(const nlohmann::json& j) { return {j[0], j[1], j[2], j[3], j[4], j[5]}; }

TEST(AnnotatedTree, AgreesWithTheContract) {
  const auto trees = test::contract("trees.json");
  for (const auto& t : trees["annotated"]) {
    const auto salt = fixed<Digest>(t["bundle_salt"]);
    const std::uint32_t channel = t["channel"];
    std::vector<AnnotatedNode> leaves;
    for (std::uint32_t i = 0; i < t["readings"].size(); ++i) {
      const std::uint64_t time = t["readings"][i][0];
      const std::int64_t value = t["readings"][i][1];
      EXPECT_EQ(to_hex(leaf_salt(salt, channel, i)), t["leaf_salts"][i]);
      EXPECT_EQ(to_hex(reading_entry(leaf_salt(salt, channel, i), time, value)), t["entries"][i]);
      leaves.push_back(reading_leaf(salt, channel, i, time, value));
      EXPECT_EQ(to_hex(leaves.back().hash), t["leaf_hashes"][i]);
    }
    auto root = annotated_root(leaves);
    ASSERT_TRUE(root);
    EXPECT_EQ(to_hex(root->hash), t["root"]);
    EXPECT_EQ(root->annotation, annotation(t["annotation"]));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      auto path = annotated_path(leaves, i);
      ASSERT_TRUE(path);
      ASSERT_EQ(path->size(), t["paths"][i].size());
      for (std::size_t k = 0; k < path->size(); ++k) {
        EXPECT_EQ((*path)[k].annotation, annotation(t["paths"][i][k][0]));
        EXPECT_EQ(to_hex((*path)[k].hash), t["paths"][i][k][1]);
      }
      EXPECT_EQ(*fold_annotated(leaves[i], i, leaves.size(), *path), *root);
      EXPECT_EQ(count_before(i, leaves.size(), *path), i);
    }
  }
  const auto& e = trees["evidence"];
  std::vector<AnnotatedNode> leaves;
  EXPECT_EQ(e["entries"].size(), 3u);
  EXPECT_EQ(annotation(e["annotation"]).count, 180u);
}

TEST(AnnotatedTree, RootOfEverySizeIsWhatEveryPathFoldsTo) {
  const Digest salt;
  std::vector<AnnotatedNode> leaves;
  for (std::uint32_t n = 1; n <= 70; ++n) {
    leaves.push_back(
        reading_leaf(salt, 0, n - 1, 1000 * n + n % 3, static_cast<int>(n * 37 % 101) - 50));
    auto root = annotated_root(leaves);
    ASSERT_TRUE(root);
    EXPECT_EQ(root->annotation.count, n);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(*fold_annotated(leaves[i], i, n, *annotated_path(leaves, i)), *root)
          << n << " " << i;
    }
  }
}

TEST(AnnotatedTree, RefusesNumbersBeyondTheProfile) {
  const auto leaf = [](std::int64_t v, std::uint64_t t) {
    return AnnotatedNode{{1, v, v, t, t, 0}, {}};
  };
  const std::int64_t max = (std::int64_t{1} << 53) - 1;
  EXPECT_TRUE(annotated_root({leaf(-max, 1), leaf(max, 2)}));
  EXPECT_EQ(annotated_root({leaf(1, 1), leaf(max + 1, 2)}).code(), Errc::kAnnotation);
  EXPECT_EQ(annotated_root({leaf(-max - 1, 1), leaf(1, 2)}).code(), Errc::kAnnotation);
  EXPECT_EQ(annotated_root({leaf(1, 1), leaf(1, std::uint64_t{1} << 53)}).code(),
            Errc::kAnnotation);
}

TEST(AnnotatedTree, RefusesTimeThatRunsBackwardsAndImpossibleAnnotations) {
  const Digest salt;
  std::vector<AnnotatedNode> leaves = {reading_leaf(salt, 0, 0, 10, 1),
                                       reading_leaf(salt, 0, 1, 9, 1)};
  EXPECT_EQ(annotated_root(leaves).code(), Errc::kAnnotation);
  EXPECT_FALSE(check(Annotation{0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(check(Annotation{2, 5, 4, 0, 9, 1}));
  EXPECT_FALSE(check(Annotation{2, 1, 4, 0, 9, 10}));
  EXPECT_FALSE(check(Annotation{1, 1, 2, 3, 3, 0}));
  EXPECT_TRUE(check(Annotation{2, 1, 4, 0, 9, 9}));
}

}  // namespace
}  // namespace lotmark::merkle
