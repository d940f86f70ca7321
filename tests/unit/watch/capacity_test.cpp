// Lots of an enterprise against what it can make, and what nodes tell one another of it.
#include "ledger-node/watch/capacity.h"

#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

class CapacityTest : public ChainTest {
 protected:
  node::Capacity watch{chain, c.supervisors[0].kid(), {{"yunhe", 2, 3600}}, nullptr};

  void release(int lots) {
    for (int i = 0; i < lots; ++i)
      ASSERT_EQ(append(maker.lot_block(application("L-" + std::to_string(++made_)))), Errc::kOk);
  }
  std::vector<node::Outgoing> tick() {
    c.clock.advance(std::chrono::seconds(10));
    return watch.tick(c.clock.now());
  }
  // The first call is handed to a node of `from`'s.
  node::Reply hand_over(node::Capacity& to, const node::Outgoing& call, const test::Party& from) {
    const node::Call made{call.method, call.path, call.body, ""};
    const auto reply = to.peer(*node::parse_route(call.path), made,
                               *chain.statements().newest().find(from.kid()), c.clock.now());
    EXPECT_TRUE(reply);
    return *reply;
  }
  int made_ = 0;
};

TEST_F(CapacityTest, AsManyAsItCanMakeIsNothing) {
  release(2);
  EXPECT_TRUE(tick().empty());
  EXPECT_TRUE(watch.reports().empty());
}

TEST_F(CapacityTest, OneMoreIsToldToEverybodyButTheEnterprise) {
  release(3);
  const auto calls = tick();
  std::set<KeyId> told;
  for (const auto& call : calls) told.insert(call.to);
  EXPECT_EQ(told, (std::set<KeyId>{c.east.kid(), c.west.kid(), c.supervisors[1].kid(),
                                   c.supervisors[2].kid()}));
  ASSERT_EQ(watch.reports().size(), 1u);
  EXPECT_EQ(watch.reports()[0].lots, 3u);
  EXPECT_TRUE(tick().empty()) << "once a period";
}

TEST_F(CapacityTest, LotsThatAreLongAgoCountNoMore) {
  release(2);
  tick();
  c.clock.advance(std::chrono::hours(2));
  release(2);
  EXPECT_TRUE(tick().empty());
}

TEST_F(CapacityTest, ANodeThatIsStartedCountsWhatTheChainHolds) {
  release(3);
  node::Capacity later(chain, c.supervisors[1].kid(), {{"yunhe", 2, 3600}}, nullptr);
  EXPECT_FALSE(later.tick(c.clock.now()).empty());
}

TEST_F(CapacityTest, WhatAnotherSaysIsShownWithItsName) {
  release(3);
  const auto calls = tick();
  ASSERT_FALSE(calls.empty());
  node::Capacity other(chain, c.east.kid(), {}, nullptr);
  EXPECT_TRUE(hand_over(other, calls[0], c.supervisors[0]).ok());
  ASSERT_EQ(other.reports().size(), 1u);
  EXPECT_EQ(other.reports()[0].from, "prov-1");
  EXPECT_EQ(other.reports()[0].organisation, "yunhe");
  EXPECT_TRUE(hand_over(other, calls[0], c.supervisors[0]).ok());
  EXPECT_EQ(other.reports().size(), 1u) << "the same again takes its place";
}

TEST_F(CapacityTest, NonsenseIsRefused) {
  node::Outgoing call{c.east.kid(), "POST", "/peer/v1/rates", {0x80}, {}};
  EXPECT_FALSE(hand_over(watch, call, c.supervisors[1]).ok());
  call.body = Bytes(5000, 0x80);
  EXPECT_FALSE(hand_over(watch, call, c.supervisors[1]).ok());
  EXPECT_TRUE(watch.reports().empty());
}

}  // namespace
}  // namespace lotmark::chain
