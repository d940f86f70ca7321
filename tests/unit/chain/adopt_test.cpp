// What is not final may be taken back for a chain of a higher term; what is final never.
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

using Adopting = ChainTest;
constexpr auto kBestVote = PublicChain::Adopt::kBestVote;

TEST_F(Adopting, AHigherTermReplacesWhatIsNotFinal) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  vote_all();
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.lot_block(application("OURS"))), Errc::kOk);
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  const Bytes opened = theirs.term_block(1);
  const Bytes lot = theirs.lot_block(application("THEIRS"));
  EXPECT_EQ(adopt({opened, lot}), Errc::kOk);
  EXPECT_EQ(chain.root(), theirs.root());
  EXPECT_EQ(*chain.holder(1), c.supervisors[1].kid());
  EXPECT_FALSE(*chain.find_lot(test::Consortium::gtin(), {"OURS"}));
  EXPECT_TRUE(*chain.find_lot(test::Consortium::gtin(), {"THEIRS"}));
  EXPECT_EQ(chain.last_period(), 0u);
  EXPECT_EQ(chain.taken_back(), 1u);
  chain = open_chain();
  EXPECT_EQ(chain.root(), theirs.root());
  EXPECT_EQ(chain.last_period(), 0u);
}

TEST_F(Adopting, WhatWasTakenBackMayComeAgain) {
  const Bytes once = application("A-1");
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.lot_block(once)), Errc::kOk);
  EXPECT_EQ(adopt({theirs.term_block(1), theirs.lot_block(once)}), Errc::kOk);
  EXPECT_EQ(append(theirs.lot_block(once)), Errc::kListDuplicate);
}

TEST_F(Adopting, NeitherTheSameTermNorALowerOneReplacesAnything) {
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.term_block(0)), Errc::kOk);
  EXPECT_EQ(adopt({theirs.period_block(), theirs.period_block()}), Errc::kBlockFork);
  EXPECT_EQ(adopt({theirs.term_block(1)}), Errc::kBlockNumber) << "it leaves a block out";
  test::BlockMaker other(c);
  EXPECT_EQ(adopt({other.term_block(1)}), Errc::kBlockFork);
  EXPECT_EQ(chain.root(), maker.root());
}

TEST_F(Adopting, ANewPrimaryTakesTheChainOfTheBestVoteWhateverItsOwnTermWas) {
  test::BlockMaker voted = maker;
  EXPECT_EQ(append(maker.term_block(0)), Errc::kOk);
  const std::vector<Bytes> theirs{voted.period_block(), voted.period_block()};
  EXPECT_EQ(adopt(theirs, kBestVote), Errc::kOk);
  EXPECT_EQ(chain.root(), voted.root());
  EXPECT_EQ(chain.holder(1), nullptr);
}

TEST_F(Adopting, WhatIsFinalIsNeverTakenBack) {
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  vote_all();
  const std::vector<Bytes> other{theirs.term_block(1), theirs.period_block()};
  EXPECT_EQ(adopt(other), Errc::kBlockFork);
  EXPECT_EQ(adopt(other, kBestVote), Errc::kBlockFork);
  EXPECT_EQ(chain.root(), maker.root());
}

TEST_F(Adopting, OneBadBlockLeavesOursAsTheyWere) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.lot_block(application("OURS"))), Errc::kOk);
  const Bytes opened = theirs.term_block(1);
  Bytes bad = theirs.lot_block(application("THEIRS"));
  bad.back() = static_cast<std::uint8_t>(bad.back() ^ 1);
  EXPECT_EQ(adopt({opened, bad}), Errc::kCoseSignature);
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_TRUE(*chain.find_lot(test::Consortium::gtin(), {"OURS"}));
  EXPECT_EQ(chain.holder(1), nullptr);
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
}

TEST_F(Adopting, ABadBlockRightWhereTheyPartLeavesOursAsTheyWere) {
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.lot_block(application("OURS"))), Errc::kOk);
  Bytes bad = theirs.term_block(1);
  bad.back() = static_cast<std::uint8_t>(bad.back() ^ 1);
  EXPECT_EQ(adopt({bad}), Errc::kCoseSignature);
  EXPECT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
}

TEST_F(Adopting, VotesOnWhatWasTakenBackNoLongerCount) {
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_TRUE(chain.add_vote(maker.votes()[0]));
  EXPECT_EQ(adopt({theirs.term_block(1)}), Errc::kOk);
  EXPECT_TRUE(chain.add_vote(theirs.votes()[1]));
  EXPECT_FALSE(chain.is_final(1));
  EXPECT_TRUE(chain.add_vote(theirs.votes()[2]));
  EXPECT_TRUE(chain.is_final(1));
}

TEST_F(Adopting, HeadsAndEnrolmentsAreThoseOfTheChainThatStays) {
  merkle::MemoryTree log;
  log.append_entry(as_bytes("1"));
  EXPECT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log)})),
            Errc::kOk);
  test::BlockMaker theirs = maker;
  log.append_entry(as_bytes("2"));
  const auto stranger =
      seal(Enrolment{c.stranger.key(), EnrolmentKind::kDevice, "probe-9", "yunhe", "", {}, {}},
           *c.enterprise.signer, c.chain)
          ->bytes;
  EXPECT_EQ(
      append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log, 1)}, {stranger})),
      Errc::kOk);
  EXPECT_NE(chain.enrolled(c.stranger.kid()), nullptr);
  EXPECT_EQ(adopt({theirs.term_block(2)}), Errc::kOk);
  EXPECT_EQ(chain.logged_head(c.enterprise.kid(), LogKind::kIntake)->size, 1u);
  EXPECT_EQ(chain.enrolled(c.stranger.kid()), nullptr);
  EXPECT_EQ(append(theirs.period_block({theirs.head(c.enterprise, LogKind::kIntake, log, 1)},
                                       {stranger})),
            Errc::kOk);
}

TEST_F(Adopting, AReadOnlyCopyFollowsAndNoticesWhatWasTakenBack) {
  test::BlockMaker theirs = maker;
  EXPECT_EQ(append(maker.lot_block(application("OURS"))), Errc::kOk);
  auto reader = PublicChain::open(folder / "chain.db", c.anchor, true);
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(adopt({theirs.term_block(1)}), Errc::kOk);
  ASSERT_TRUE(reader->refresh());
  EXPECT_EQ(reader->root(), theirs.root());
}

TEST_F(Adopting, AChainOfAnOlderProgramIsTakenUp) {
  merkle::MemoryTree log;
  log.append_entry(as_bytes("1"));
  EXPECT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log)})),
            Errc::kOk);
  EXPECT_EQ(append(maker.lot_block(application())), Errc::kOk);
  {
    auto db = store::Database::open(folder / "chain.db", {.mode = 0644});
    ASSERT_TRUE(db);
    for (const char* table :
         {"derived",   "enrolled",   "head",      "period",      "term",
          "statement", "standing",   "tree_tile", "tree_edge",   "past_vote",
          "starting",  "revocation", "recall",    "cut",         "tombstone",
          "dropped",   "once_again", "flag",      "complaint",   "ruling",
          "settled",   "used",       "store",     "used_serial", "serials_due"}) {
      ASSERT_TRUE(db->exec(std::string("DROP TABLE ") + table));
    }
    ASSERT_TRUE(
        db->exec("DROP INDEX once_block; DROP TABLE checking; ALTER TABLE signing DROP COLUMN sum; "
                 "ALTER TABLE own_vote DROP COLUMN sum; PRAGMA user_version=1"));
  }
  chain = open_chain();
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_EQ(chain.logged_head(c.enterprise.kid(), LogKind::kIntake)->size, 1u);
  EXPECT_EQ(*chain.holder(0), c.supervisors[0].kid());
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
}

}  // namespace
}  // namespace lotmark::chain
