// What a check finds of a chain that was cut, and what a new file takes over of it.
#include "ledger-node/chain/public/mend.h"
#include "ledger-node/chain/public/rebuild.h"
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

using CutMending = CutTest;

TEST_F(CutMending, ALostRowAboveTheCutIsStillNamed) {
  two_days();
  cut_all();
  ASSERT_TRUE(chain.database().exec("DELETE FROM block WHERE number = 9"));
  const auto opened = PublicChain::open(folder / "chain.db", c.anchor);
  EXPECT_EQ(opened.code(), Errc::kCorrupt);
}

TEST_F(CutMending, ASpoiltTreeIsMadeAgainFromBlocksAndTheLeavesOfWhatWasCut) {
  two_days();
  cut_all();
  ASSERT_TRUE(chain.database().exec("UPDATE tree_edge SET hash = zeroblob(32) WHERE idx = 9"));
  auto check = *ChainCheck::begin(chain.database(), c.anchor);
  std::vector<Fault> found;
  ASSERT_TRUE(check.step(chain.size(), found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(*Mend(check).mend(found[0]), Mended::kDone);
  ASSERT_TRUE(chain.reload());
  EXPECT_EQ(chain.root(), maker.root());
  ASSERT_TRUE(
      chain.database().exec("UPDATE tree_edge SET hash = zeroblob(32) WHERE idx IN (2, 9)"));
  EXPECT_EQ(*Mend(check).mend(found[0]), Mended::kRebuild) << "a leaf that nobody here has";
}

// No block says what it was, and no tile stands above it: the votes show it, and are right.
TEST_F(CutMending, ASpoiltLeafOfWhatWasCutIsNamedByTheVotesAndCostsNone) {
  two_days();
  cut_all();
  ASSERT_TRUE(chain.database().exec("UPDATE tree_edge SET hash = zeroblob(32) WHERE idx = 2"));
  auto check = *ChainCheck::begin(chain.database(), c.anchor);
  std::vector<Fault> found;
  for (bool over = false; !over;) over = *check.step(2, found);
  ASSERT_FALSE(found.empty());
  for (const auto& f : found) {
    EXPECT_EQ(f.table, "tree_edge") << f.text();
    EXPECT_EQ(*Mend(check).mend(f), Mended::kRebuild) << f.text();
  }
  EXPECT_EQ(found.size(), 1u);
  EXPECT_EQ(chain.votes(0)->size(), 3u);
}

TEST_F(CutMending, ADamagedTombstoneIsNamedInHoweverManySteps) {
  for (int i = 0; i < 70; ++i) lot("L-" + std::to_string(i));
  two_days();
  cut_all();
  auto check = *ChainCheck::begin(chain.database(), c.anchor);
  std::vector<Fault> found;
  for (bool over = false; !over;) over = *check.step(1, found);
  EXPECT_TRUE(found.empty()) << found.front().text();
  ASSERT_TRUE(
      chain.database().exec("UPDATE tombstone SET day = day + 1 WHERE key = (SELECT max(key) FROM "
                            "tombstone)"));
  check.go_on_at({});
  for (bool over = false; !over;) over = *check.step(1, found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].table, "tombstone");
}

TEST_F(CutMending, AFileThatIsRebuiltBeginsBehindTheCut) {
  two_days();
  cut_all();
  lot("C", 20261231);
  finish();
  const auto done = rebuild_chain(folder / "chain.db", c.anchor, c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->blocks, chain.size());
  const PublicChain fresh = open_chain();
  EXPECT_EQ(fresh.root(), chain.root());
  EXPECT_EQ(fresh.final_size(), chain.final_size());
  EXPECT_EQ(fresh.dropped_end(), chain.dropped_end());
  EXPECT_EQ(tombstones_of(fresh, 10)->size(), tombstones_of(chain, 10)->size());
}

// Said to be thinned already, they would be kept for ever.
TEST_F(CutMending, ThatMoreVotesAreThinnedThanMayBeIsNamedAndMended) {
  two_days();
  cut_all();
  ASSERT_TRUE(chain.database().exec("UPDATE dropped SET votes = 1000000"));
  auto check = *ChainCheck::begin(chain.database(), c.anchor);
  std::vector<Fault> found;
  ASSERT_TRUE(check.step(chain.size(), found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].table, "dropped");
  EXPECT_EQ(found[0].column, "votes");
  EXPECT_EQ(*Mend(check).mend(found[0]), Mended::kDone);
  found.clear();
  check.go_on_at({});
  ASSERT_TRUE(check.step(chain.size(), found));
  EXPECT_TRUE(found.empty());
}

// One vote of the three on the newest size is left: those on the size before make the cut final.
TEST_F(CutMending, AFileIsRebuiltByTheNewestVotesThatAreAQuorum) {
  two_days();
  cut_all();
  lot("C", 20261231);
  finish();
  ASSERT_TRUE(chain.database().exec(
      "DELETE FROM vote WHERE size = (SELECT max(size) FROM vote) AND kid <> (SELECT min(kid) FROM "
      "vote)"));
  const auto done = rebuild_chain(folder / "chain.db", c.anchor, c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->blocks, chain.size());
  EXPECT_EQ(open_chain().dropped_end(), chain.dropped_end());
}

TEST_F(CutMending, ARebuiltFileWithASpoiltLeafBeginsAnew) {
  two_days();
  cut_all();
  ASSERT_TRUE(chain.database().exec("UPDATE tree_edge SET hash = zeroblob(32) WHERE idx = 2"));
  const auto done = rebuild_chain(folder / "chain.db", c.anchor, c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->blocks, 1u);
}

}  // namespace
}  // namespace lotmark::chain
