#include "ledger-node/order/lease.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

class LeaseTest : public testing::Test {
 protected:
  const KeyId us{{1}};
  const KeyId them{{2}};
  LeaseKeeper keeper{us, 0};
  Time now = from_ms(1'000'000);

  void see(std::uint64_t revision, std::optional<Lease> lease) {
    keeper.seen({lease, revision}, now);
  }
  void pass(int ms) { now += Millis{ms}; }
  // Puts what is due and is answered with `revision`.
  bool put(std::uint64_t wanted, std::uint64_t revision) {
    const auto p = keeper.due(wanted, now);
    if (p) keeper.answered(revision);
    return p.has_value();
  }
};

TEST_F(LeaseTest, OneThatStandsStillIsTakenAndNotBefore) {
  see(5, Lease{them, 3, 9});
  pass(2200);
  EXPECT_FALSE(keeper.due(4, now));
  pass(200);
  const auto p = keeper.due(4, now);
  ASSERT_TRUE(p);
  EXPECT_EQ(p->revision, 5u);
  EXPECT_EQ(p->lease, (Lease{us, 4, 10}));
}

TEST_F(LeaseTest, OneThatIsRenewedIsNotTaken) {
  for (std::uint64_t beat = 1; beat < 20; ++beat) {
    see(beat, Lease{them, 3, beat});
    pass(1000);
    EXPECT_FALSE(keeper.due(4, now));
  }
}

TEST_F(LeaseTest, OursIsRenewedAndCountsOnlyWhileItIs) {
  see(0, {});
  pass(2400);
  ASSERT_TRUE(put(1, 1));
  EXPECT_TRUE(keeper.held(1, now));
  EXPECT_FALSE(keeper.held(2, now)) << "of its own term alone";
  pass(500);
  EXPECT_FALSE(put(1, 2)) << "not yet";
  pass(200);
  EXPECT_TRUE(put(1, 2));
  pass(1700);
  EXPECT_TRUE(keeper.held(1, now));
  pass(200);
  EXPECT_FALSE(keeper.held(1, now)) << "others wait longer than it counts";
}

TEST_F(LeaseTest, OneThatWasLostToAnotherIsNotHeld) {
  see(0, {});
  pass(2400);
  ASSERT_TRUE(keeper.due(1, now));
  keeper.answered(Errc::kConflict);
  EXPECT_FALSE(keeper.held(1, now));
  see(1, Lease{them, 1, 1});
  EXPECT_FALSE(keeper.due(2, now)) << "it is theirs now";
}

TEST_F(LeaseTest, WhatComesInLateAfterOurOwnAnswerIsPassedOver) {
  see(4, Lease{them, 1, 4});
  pass(2400);
  ASSERT_TRUE(put(2, 6));
  see(5, Lease{them, 1, 5});
  EXPECT_TRUE(keeper.held(2, now));
}

TEST_F(LeaseTest, ItsTermIsRaisedAtOnceWhereAHigherOneIsWanted) {
  see(0, {});
  pass(2400);
  ASSERT_TRUE(put(1, 1));
  ASSERT_TRUE(put(5, 2));
  EXPECT_TRUE(keeper.held(5, now));
}

TEST_F(LeaseTest, WhileItRestsOrTheEngineIsLostNothingIsPut) {
  see(0, {});
  keeper.rest(now + Millis{9000});
  pass(8000);
  EXPECT_FALSE(keeper.due(1, now));
  pass(2000);
  EXPECT_TRUE(put(1, 1));
  keeper.lost();
  EXPECT_FALSE(keeper.held(1, now));
  EXPECT_FALSE(keeper.due(1, now));
}

}  // namespace
}  // namespace lotmark::node
