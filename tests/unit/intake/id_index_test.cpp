#include "ledger-node/intake/id_index.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

Digest leaf(std::uint32_t n) { return merkle::leaf_hash(as_bytes(std::to_string(n))); }

TEST(IdIndex, FindsEachLeafAndNoOtherWhileTheLogGrowsAndShrinks) {
  merkle::MemoryTree tree;
  IdIndex index(tree);
  const auto to = [&](std::uint32_t size) {
    if (size < tree.size()) {
      index.shrink(size);
      tree.truncate(size);
    }
    while (tree.size() < size) tree.append(leaf(static_cast<std::uint32_t>(tree.size())));
    index.grow();
    for (std::uint32_t n = 0; n < 5200; ++n) {
      auto at = index.find(leaf(n));
      ASSERT_EQ(at.has_value(), n < size) << n << " of " << size;
      if (at) {
        ASSERT_EQ(*at, n);
      }
    }
  };
  for (const std::uint32_t size : {0u, 1u, 500u, 513u, 300u, 1030u, 1020u, 5000u, 0u, 2000u, 1999u})
    to(size);
}

}  // namespace
}  // namespace lotmark::node
