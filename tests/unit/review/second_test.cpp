// A released lot that the draw gives to a second reviewer: fetched and recomputed anew, the report kept and linked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/review/second_reviews.h"
#include "tests/unit/review/reviewer_harness.h"

namespace lotmark {
namespace {

using test::ReviewerHarness;
using testing::HasSubstr;

class SecondReview : public testing::Test {
 protected:
  void begin(std::uint64_t every) {
    h.config.second_every = every;
    h.restart();
    h.build();
    h.submit_all();
    h.log_intake();
    h.run(5);
  }
  // The first reviewer releases the lot, and it becomes final.
  void release() {
    const Bytes block = h.blocks.lot_block(h.lot.application.bytes);
    ASSERT_TRUE(h.chain->append(block, h.c.clock.now()));
    for (const auto& v : h.blocks.votes()) ASSERT_TRUE(h.chain->add_vote(v));
  }
  nlohmann::json list() {
    return ReviewerHarness::parsed(h.control("GET", "/control/v1/second-reviews"));
  }
  Report report() {
    auto q = h.db().prepare("SELECT report FROM second");
    EXPECT_TRUE(q && *q->step());
    return lotmark::open<Report>(q->blob(0), h.c.chain)->body;
  }

  ReviewerHarness h{false};
};

TEST_F(SecondReview, ADrawnLotIsRecomputedAndItsReportNamesTheFirst) {
  begin(1);
  release();
  EXPECT_TRUE(list().empty()) << "not before it is looked for";
  h.rows_asked = 0;
  h.run(30);
  const auto second = list();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0]["state"], "agrees");
  EXPECT_EQ(second[0]["lot"], "A-2026/01");
  EXPECT_GT(h.rows_asked, 0u) << "what was fetched the first time is not believed";
  ASSERT_EQ(report().reports.size(), 1u);
  EXPECT_EQ(to_hex(report().reports[0]), second[0]["first"]);
  EXPECT_EQ(report().decision, Decision::kRelease);
  const auto audit = chain::audit(h.folder() / "private.db", h.folder() / "chain.db", h.c.anchor);
  ASSERT_TRUE(audit);
  EXPECT_THAT(chain::to_text(*audit), HasSubstr("audit ok"));
}

TEST_F(SecondReview, EvidenceThatIsOtherNowIsObjectedTo) {
  begin(1);
  release();
  h.bundles = [&](const node::Outgoing&) {
    return node::reply_error(fail(Errc::kNotFound, "gone"));
  };
  h.config.fetch_wait_s = 5;
  h.run(600);
  const auto second = list();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0]["state"], "objects") << second;
  EXPECT_EQ(report().decision, Decision::kRefuse);
}

TEST_F(SecondReview, ItIsDoneOnceAcrossRestarts) {
  begin(1);
  release();
  h.restart();
  h.run(30);
  const auto first = list();
  ASSERT_EQ(first.size(), 1u);
  h.restart();
  h.run(30);
  EXPECT_EQ(list(), first);
}

TEST_F(SecondReview, NoneIsDrawnWhereItIsOff) {
  begin(0);
  release();
  h.run(30);
  EXPECT_TRUE(list().empty());
}

TEST_F(SecondReview, AChangedSecondReportIsNamedByTheAudit) {
  begin(1);
  release();
  h.run(30);
  ASSERT_TRUE(h.db().exec("UPDATE second SET first = zeroblob(32)"));
  const auto audit = chain::audit(h.folder() / "private.db", h.folder() / "chain.db", h.c.anchor);
  ASSERT_TRUE(audit);
  EXPECT_THAT(chain::to_text(*audit), HasSubstr("names another first report"));
}

// Whatever it is, it would fail again at once, and the fetch of all evidence before it.
TEST_F(SecondReview, WhatCannotBeFinishedHereIsTriedAgainAnHourLater) {
  begin(1);
  release();
  h.config.lines.clear();
  h.restart();
  h.rows_asked = 0;
  h.run(60);
  const auto asked = h.rows_asked;
  EXPECT_GT(asked, 0u);
  EXPECT_EQ(list().at(0)["state"], "waiting");
  h.run(3500);
  EXPECT_EQ(h.rows_asked, asked);
  h.run(120);
  EXPECT_GT(h.rows_asked, asked);
}

// Their rows may stay closed for a day, and the reviewer asks again all the while.
TEST_F(SecondReview, AnEnterpriseWithManyLotsKeepsNoOtherWaiting) {
  begin(1);
  review::ReviewStore reviews(h.db());
  for (std::uint8_t n = 1; n <= 6; ++n) {
    review::ReviewRow row;
    row.start = Digest{{n}};
    row.lot = "L" + std::to_string(n);
    row.enterprise = n == 3 ? h.c.west.kid() : h.c.enterprise.kid();
    row.state = review::kReleased;
    ASSERT_TRUE(reviews.add(row));
    auto q = h.db().prepare(
        "INSERT INTO second(block, start, first, drawn) VALUES(?, ?, zeroblob(32), 1)");
    ASSERT_TRUE(q);
    ASSERT_TRUE(q->bind(1, std::uint64_t{n}).bind(2, row.start).run());
  }
  const review::SecondReviews second(h.db(), *h.chain, reviews, h.self().kid(), 1);
  const auto waiting = second.waiting(2);
  ASSERT_TRUE(waiting) << waiting.error().message();
  std::vector<std::uint64_t> blocks;
  for (const auto& row : *waiting) blocks.push_back(row.block);
  EXPECT_THAT(blocks, testing::ElementsAre(1, 2, 3));
}

TEST(FirstReview, WhoReleasesDoesNotLookAgain) {
  ReviewerHarness h{true};
  h.config.second_every = 1;
  h.restart();
  h.build();
  h.submit_all();
  h.log_intake();
  h.run(5);
  ASSERT_TRUE(h.chain->append(h.blocks.lot_block(h.lot.application.bytes), h.c.clock.now()));
  for (const auto& v : h.blocks.votes()) ASSERT_TRUE(h.chain->add_vote(v));
  h.run(30);
  EXPECT_TRUE(ReviewerHarness::parsed(h.control("GET", "/control/v1/second-reviews")).empty());
}

// ---- bounds --------------------------------------------------------------------------------------

TEST(ReviewLimits, AnEnterpriseHasSoManyLotsOpen) {
  ReviewerHarness h;
  h.config.open_lots = 1;
  h.restart();
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  ASSERT_TRUE(h.send_opening().ok()) << "the same again is answered as before";
  ASSERT_TRUE(
      h.db().exec("UPDATE review SET start = zeroblob(32)"));  // another lot of that enterprise
  const auto refused = h.send_opening();
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::kUnavailable) << refused.error->message();
  h.restart();
  EXPECT_TRUE(h.send_opening().error) << "a restart forgets nothing";
  bool counted = false;
  for (int i = 0; i < 2; ++i) (void)h.send_opening();
  for (const auto& [name, n] : h.reviewer->metrics())
    counted =
        counted || (name == "lotmark_pool_refused_total{pool=\"openings\",why=\"full\"}" && n >= 2);
  EXPECT_TRUE(counted);
}

TEST(ReviewLimits, AnOpeningExpires) {
  ReviewerHarness h;
  h.config.opening_days = 1;
  h.restart();
  h.build();
  h.receive_start();
  ASSERT_TRUE(h.send_opening().ok());
  h.c.clock.advance(std::chrono::hours(30));
  const auto late = h.send_transaction(0);
  ASSERT_TRUE(late.error);
  EXPECT_EQ(late.error->code, Errc::kDenied) << late.error->message();
}

}  // namespace
}  // namespace lotmark
