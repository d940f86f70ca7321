#include "ledger-node/replicate/head_sender.h"

#include <gtest/gtest.h>

#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark {
namespace {

class HeadSending : public testing::Test {
 protected:
  test::Consortium c;
  test::TempFolder folder;
  chain::PublicChain chain = *chain::PublicChain::open(folder / "chain.db", c.anchor);
  std::size_t primary = 0;
  node::HeadSender sender{chain,
                          *c.enterprise.signer,
                          [this] { return std::optional(c.supervisors[primary].kid()); },
                          LogKind::kIntake,
                          Millis{1000},
                          [](std::uint64_t prior, Time) {
                            Head h;
                            h.prior = prior;
                            h.size = 1;
                            return h;
                          }};
};

TEST_F(HeadSending, DoesNotWaitForAFrozenPrimaryOnceAnotherOneOrders) {
  ASSERT_EQ(sender.tick(c.clock.now()).size(), 1u);
  c.clock.advance(Millis{2000});
  EXPECT_TRUE(sender.tick(c.clock.now()).empty());
  primary = 1;
  const auto second = sender.tick(c.clock.now());
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].to, c.supervisors[1].kid());
}

}  // namespace
}  // namespace lotmark
