// Which lots rest on a key, as far as the chain shows.
#include "ledger-node/taint/public_taint.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

using Words = std::set<std::string>;

class Taint : public ChainTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(append(maker.period_block()), Errc::kOk);
    ASSERT_EQ(append(maker.lot_block(application("A-1"))), Errc::kOk);
  }
  // Why lot A-1 rests on the key from that block on.
  Words why(const test::Party& p, std::uint64_t since = 0) {
    const auto s = taint::suspect(chain, p.kid(), since);
    taint::TaintedLots lots;
    EXPECT_TRUE(s && taint::find_public(chain, *s, lots));
    EXPECT_LE(lots.size(), 1u);
    return lots.empty() ? Words{} : lots.begin()->second.why;
  }
  void vote(std::size_t voters) {
    for (const auto& v : maker.votes(voters)) ASSERT_TRUE(chain.add_vote(v));
  }
};

TEST_F(Taint, WhoSignedApplicationReleaseOrBlockIsNamed) {
  EXPECT_EQ(why(c.enterprise), Words{"application"});
  EXPECT_EQ(why(c.east), Words{"release"});
  EXPECT_EQ(why(c.supervisors[0]), Words{"block"});
  EXPECT_EQ(why(c.west), Words{});
  EXPECT_EQ(why(c.qa), Words{}) << "no record is on the chain";
}

TEST_F(Taint, OnlyFromTheBlockOnThatIsAskedFor) {
  EXPECT_EQ(why(c.east, 2), Words{"release"});
  EXPECT_EQ(why(c.east, 3), Words{});
}

TEST_F(Taint, AVoteTaintsWhereTheQuorumNeedsIt) {
  EXPECT_EQ(why(c.supervisors[1]), Words{}) << "nothing is final yet";
  vote(2);
  EXPECT_EQ(why(c.supervisors[1]), Words{"votes"});
  EXPECT_EQ(why(c.supervisors[2]), Words{});
  vote(3);
  EXPECT_EQ(why(c.supervisors[1]), Words{}) << "two others agree";
}

TEST_F(Taint, WhatWasLoggedBeforeABlockIsTheNewestHeadBelowIt) {
  merkle::MemoryTree log;
  const auto logged = [&](std::uint64_t block) {
    return *taint::logged_before(chain, c.enterprise.kid(), LogKind::kIntake, block);
  };
  log.append_entry(as_bytes("1"));
  ASSERT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log)})),
            Errc::kOk);  // block 3
  log.append_entry(as_bytes("2"));
  ASSERT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log, 1)})),
            Errc::kOk);  // block 4
  EXPECT_EQ(logged(3), 0u);
  EXPECT_EQ(logged(4), 1u) << "its own block's head is not before it";
  EXPECT_EQ(logged(5), 2u);
  EXPECT_EQ(*taint::logged_before(chain, c.east.kid(), LogKind::kReceived, 5), 0u);
}

using TaintBehindACut = CutTest;

TEST_F(TaintBehindACut, ABlockThatWasCutSaysSinceWhenNoLaterThanItself) {
  two_days();
  const std::uint64_t then = taint::suspect(chain, c.east.kid(), 6)->time;
  cut_all();
  const auto s = taint::suspect(chain, c.east.kid(), 6);
  ASSERT_TRUE(s);
  EXPECT_LE(s->time, then);
}

}  // namespace
}  // namespace lotmark::chain
