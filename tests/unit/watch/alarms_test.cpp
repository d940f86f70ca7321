// What an alarm says of the chain as it is, on a clock by hand.
#include "ledger-node/watch/alarms.h"

#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

using std::chrono::seconds;

class AlarmsTest : public ChainTest {
 protected:
  node::Alarms alarms{chain, {seconds(30), seconds(60)}};
  void wait(seconds s) {
    for (auto left = s; left.count() > 0; left -= seconds(5)) {
      c.clock.advance(seconds(5));
      alarms.tick(c.clock.now());
    }
  }
  void add(std::size_t voters) {
    ASSERT_EQ(append(maker.period_block()), Errc::kOk);
    for (const auto& v : maker.votes(voters)) ASSERT_TRUE(chain.add_vote(v));
    alarms.tick(c.clock.now());
  }
  std::set<std::string> raised() const {
    std::set<std::string> out;
    for (const auto& [alarm, why] : alarms.raised()) out.insert(alarm);
    return out;
  }
  double metric(const std::string& name) const {
    for (const auto& [n, v] : alarms.metrics()) {
      if (n == name) return v;
    }
    return -1;
  }
};

using Alarm = std::set<std::string>;

TEST_F(AlarmsTest, AChainThatGrowsAndIsFinalRaisesNone) {
  for (int i = 0; i < 5; ++i) {
    add(3);
    wait(seconds(60));
  }
  EXPECT_EQ(raised(), Alarm{});
}

TEST_F(AlarmsTest, OneVoteOfTwoIsALostQuorum) {
  add(1);
  wait(seconds(25));
  EXPECT_EQ(raised(), Alarm{}) << "not yet";
  wait(seconds(15));
  EXPECT_EQ(raised(), (Alarm{"finality-lags", "quorum-lost"}));
  EXPECT_EQ(metric("lotmark_alarm{alarm=\"quorum-lost\"}"), 1);
}

TEST_F(AlarmsTest, VotesOfAQuorumEndIt) {
  add(1);
  wait(seconds(40));
  for (const auto& v : maker.votes(2)) ASSERT_TRUE(chain.add_vote(v));
  wait(seconds(5));
  EXPECT_EQ(raised(), Alarm{});
  EXPECT_EQ(metric("lotmark_alarm{alarm=\"finality-lags\"}"), 0);
  EXPECT_EQ(metric("lotmark_alarms_total{alarm=\"finality-lags\"}"), 1) << "that it was is kept";
}

TEST_F(AlarmsTest, BlocksThatGoOnAreNoExcuse) {
  for (int i = 0; i < 9; ++i) {
    add(1);
    wait(seconds(5));
  }
  EXPECT_TRUE(raised().contains("finality-lags"));
}

TEST_F(AlarmsTest, ThreePeriodsWithoutABlockIsAStandingChain) {
  add(3);
  wait(seconds(175));
  EXPECT_EQ(raised(), Alarm{});
  wait(seconds(10));
  EXPECT_EQ(raised(), Alarm{"chain-stands"});
  add(3);
  wait(seconds(5));
  EXPECT_EQ(raised(), Alarm{});
}

}  // namespace
}  // namespace lotmark::chain
