// The draw for a second review. Its numbers were made with Python's hashlib from docs/operate/audit.md.
#include "ledger-node/chain/public/second.h"

#include <gtest/gtest.h>

namespace lotmark {
namespace {

Digest block(std::uint8_t byte) { return *Digest::from(Bytes(32, byte)); }
KeyId kid(std::uint8_t byte) { return *KeyId::from(Bytes(16, byte)); }

TEST(SecondReview, TheBlocksIdDraws) {
  const bool one_in_four[] = {false, false, true, true, false, false, false, false};
  for (std::uint8_t i = 0; i < 8; ++i)
    EXPECT_EQ(chain::drawn_for_second(block(i), 4), one_in_four[i]) << int{i};
  EXPECT_TRUE(chain::drawn_for_second(block(1), 1));
  EXPECT_FALSE(chain::drawn_for_second(block(1), 0)) << "0: none is drawn";
}

TEST(SecondReview, WhoReleasedItDoesNotLookAgain) {
  const std::vector<KeyId> named = {kid(9), kid(3), kid(7), kid(5)};
  const int expected[] = {2, 2, 2, 1, 0, 1, 2, 2};  // place among 3, 5, 9
  const KeyId others[] = {kid(3), kid(5), kid(9)};
  for (std::uint8_t i = 0; i < 8; ++i)
    EXPECT_EQ(chain::second_reviewer(block(i), named, kid(7)), others[expected[i]]) << int{i};
  EXPECT_EQ(chain::second_reviewer(block(1), {kid(7)}, kid(7)), std::nullopt);
}

}  // namespace
}  // namespace lotmark
