#include "ledger-node/review/delivery.h"

#include <gtest/gtest.h>

#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark {
namespace {

class Delivering : public testing::Test {
 protected:
  test::Consortium c;
  test::TempFolder folder;
  chain::PublicChain chain = *chain::PublicChain::open(folder / "chain.db", c.anchor);
  std::shared_ptr<review::Delivery> delivery = std::make_shared<review::Delivery>(
      Bytes{1, 2, 3}, Digest{{1}}, Digest{{2}}, chain.chain_id(), ByteView());

  std::vector<node::Outgoing> tick(std::size_t primary) {
    return delivery->tick(chain, c.supervisors[primary].kid(), c.clock.now());
  }
};

TEST_F(Delivering, WaitsForTheOneThatOrders) {
  EXPECT_EQ(tick(0).size(), 1u);
  c.clock.advance(Millis{5000});
  EXPECT_TRUE(tick(0).empty());
}

// Its call would end by its timeout alone, ten seconds later.
TEST_F(Delivering, DoesNotWaitForAFrozenPrimaryOnceAnotherOneOrders) {
  const auto frozen = tick(0);
  const auto second = tick(1);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].to, c.supervisors[1].kid());
  frozen.at(0).done(node::reply_error(fail(Errc::kUnavailable, "timed out")));
  EXPECT_TRUE(tick(1).empty());
}

}  // namespace
}  // namespace lotmark
