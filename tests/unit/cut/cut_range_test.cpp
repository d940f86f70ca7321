#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

using CutRange = CutTest;

std::uint64_t at(const char* iso) { return static_cast<std::uint64_t>(to_ms(*from_iso(iso))); }

TEST_F(CutRange, ALotIsKeptToTheEndOfItsDayAndItsProgrammesYears) {
  EXPECT_EQ(kept_until({20260106}, 0), at("2026-01-07"));
  EXPECT_EQ(kept_until({20280229}, 1), at("2029-03-01")) << "28 February 2029, 24:00";
  EXPECT_EQ(kept_until({20280229}, 4), at("2032-03-01"));
  EXPECT_EQ(kept_until({99981231}, 1), at("9999-12-31") + kDay);
  EXPECT_EQ(kept_until({99981231}, 2), std::nullopt);
  EXPECT_EQ(kept_until({20260106}, UINT64_MAX), std::nullopt);
}

TEST_F(CutRange, NothingGoesBeforeItsTimeAndAllOfItAfterwards) {
  lot("A");
  pass(at("2026-01-07") - now());
  grow(maker.period_block());
  finish();
  CutPlan before = *plan_cut(chain, {at("2026-01-07") - 1, chain.size()});
  EXPECT_TRUE(before.empty());
  ASSERT_TRUE(before.held_up);
  EXPECT_EQ(before.held_up->lot.text, "A");
  EXPECT_EQ(before.held_up->until, at("2026-01-07"));
  const CutPlan then = *plan_cut(chain, {at("2026-01-07"), chain.size()});
  EXPECT_FALSE(then.held_up);
  EXPECT_EQ(then.last, 1u) << "the period block's heads may be needed yet";
}

TEST_F(CutRange, PeriodBlocksStayWhileLotsReleasedUpToABatchLaterNeedTheirHeads) {
  grow(maker.period_block());  // 1
  pass(1000);
  grow(maker.period_block());  // 2
  pass(kReach);
  lot("LATER", 20271231);  // 3: exactly D after 2
  finish();
  const CutPlan p = *plan_cut(chain, {now() + 10 * kDay, chain.size()});
  ASSERT_TRUE(p.held_up);
  EXPECT_EQ(p.held_up->block, 3u);
  EXPECT_EQ(p.last, 1u) << "block 2 is not older than D";
}

TEST_F(CutRange, TheProgrammeOfTheLotSaysHowLongAndTheFirstThatStaysHoldsTheRest) {
  lot("A");
  pass(kDay);
  lot("K", 20260106, "kept");
  lot("B");
  pass(30 * kDay);
  grow(maker.period_block());
  finish();
  const CutPlan p = plan();
  EXPECT_EQ(p.last, 1u);
  ASSERT_TRUE(p.held_up);
  EXPECT_EQ(p.held_up->lot.text, "K");
  EXPECT_EQ(p.held_up->until, at("2027-01-07"));
  EXPECT_EQ(p.held_up->why, HeldUp::Why::kRetention);
  const CutPlan later = *plan_cut(chain, {at("2027-01-07"), chain.size()});
  EXPECT_FALSE(later.held_up);
  EXPECT_EQ(later.last, 4u);
}

TEST_F(CutRange, AnOpenRecallHoldsALotWhateverItsAgeUntilItIsClosed) {
  const auto recall = [&](std::optional<LotNumber> lot, bool open) {
    const Recall r{test::Consortium::gtin(), std::move(lot), open, "glass in vials", now()};
    grow(maker.block(BlockKind::kRecall,
                     ObjectBytes{seal(r, *c.supervisors[1].signer, c.chain)->bytes}));
    finish();
    return plan();
  };
  two_days();
  CutPlan p = recall(LotNumber{"A-1"}, true);
  EXPECT_EQ(p.last, 4u);
  ASSERT_TRUE(p.held_up);
  EXPECT_EQ(p.held_up->lot.text, "A-1");
  EXPECT_EQ(p.held_up->why, HeldUp::Why::kRecall);
  p = recall({}, true);
  EXPECT_TRUE(p.empty()) << "every lot of the GTIN";
  EXPECT_EQ(p.held_up->block, 2u);
  p = recall({}, false);
  EXPECT_EQ(p.held_up->lot.text, "A-1") << "its own recall is open yet";
  p = recall(LotNumber{"A-1"}, false);
  EXPECT_FALSE(p.held_up);
  EXPECT_EQ(p.last, 8u);
}

TEST_F(CutRange, WhatIsNotFinalDoesNotGo) {
  two_days();
  lot("NEW");
  const CutPlan p = plan();
  EXPECT_FALSE(p.held_up) << "NEW is above the checkpoint";
  EXPECT_EQ(p.first, 1u);
  EXPECT_EQ(p.last, 8u) << "all but the newest period block";
}

TEST_F(CutRange, TheTimeIsTheMedianOfTheVotesAndNeverAheadOfTheNodesClock) {
  two_days();
  const auto as_of = cut_as_of(chain, c.clock.now());
  ASSERT_TRUE(as_of);
  EXPECT_EQ(as_of->time, now() / 1000 * 1000);
  EXPECT_EQ(as_of->size, chain.size());
  EXPECT_EQ(cut_as_of(chain, c.clock.now() - Millis{5000})->time, now() - 5000);
}

}  // namespace
}  // namespace lotmark::chain
