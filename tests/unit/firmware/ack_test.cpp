// An ack as the sensor node reads it.
#include "firmware/app/ack.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/node_model.h"

namespace lotmark::test {
namespace {

TEST(AckRead, CutAnywhereOrChangedInAHeadItIsNone) {
  const auto signer = std::move(*signer_mbedtls(Bytes(32, 9)));
  NodeModel node(signer->public_key());
  const KeyId kid = signer->kid();
  node.refused = {{4, 46}, {5, 80}};
  const Bytes good = node.ack();
  lm_ack ack;
  ASSERT_TRUE(lm_ack_read({good.data(), good.size()}, kid.data(), node.life.data(), &ack));
  EXPECT_TRUE(ack.need_seq);
  EXPECT_EQ(ack.refused, 5u);
  EXPECT_EQ(ack.refused_error, 80u);
  for (std::size_t size = 0; size < good.size(); size++) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(lm_ack_read({cut.data(), cut.size()}, kid.data(), node.life.data(), &ack)) << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(lm_ack_read({longer.data(), longer.size()}, kid.data(), node.life.data(), &ack));
  for (std::size_t at = 0; at < good.size(); at++) {
    for (int value = 0; value < 256; value += 5) {
      Bytes changed = good;
      changed[at] = static_cast<std::uint8_t>(value);
      (void)lm_ack_read({changed.data(), changed.size()}, kid.data(), node.life.data(), &ack);
    }
  }
}

}  // namespace
}  // namespace lotmark::test
