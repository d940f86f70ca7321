// Marks become reports of use: each counted once, whatever is lost on the way.
#include <set>

#include "ledger-node/chain/public/usages.h"
#include "tests/must.h"
#include "tests/unit/marks/marks_fixture.h"

namespace lotmark::test {
namespace {

using Reporter = MarksTest;
using node::ReportState;

TEST_F(Reporter, MarksThatWaitedAMinuteBecomeOneReport) {
  sell(corner, "2");
  sell(corner, "10");
  bring(signed_by(market, mark({}, UsageKind::kSold, 40)));
  tick(4);
  EXPECT_EQ(reports(ReportState::kMade) + reports(ReportState::kGiven), 0u) << "others may come";
  pass(std::chrono::seconds(60));
  tick(2);
  ASSERT_EQ(submitted.size(), 1u);
  const auto report = must(open<Usage>(submitted[0], c.chain));
  EXPECT_EQ(report.kid, c.west.kid());
  EXPECT_EQ(report.body.kind, UsageKind::kSold);
  EXPECT_EQ(report.body.serials, (std::vector<std::string>{"10", "2"}));
  EXPECT_EQ(report.body.count, 42u);
  EXPECT_EQ(store->waiting(), 0u);
}

TEST_F(Reporter, AnotherKindOrLotIsAnotherReport) {
  release("A-2");
  sell(corner, "1");
  bring(signed_by(corner, mark("1", UsageKind::kDestroyed)));
  Mark other = mark("1");
  other.lot = {"A-2"};
  bring(signed_by(corner, other));
  pass(std::chrono::minutes(2));
  tick(8);
  ASSERT_EQ(submitted.size(), 3u);
  std::set<std::pair<std::string, UsageKind>> groups;
  for (const auto& r : submitted) groups.emplace(opened(r).lot.text, opened(r).kind);
  EXPECT_EQ(groups.size(), 3u);
}

TEST_F(Reporter, AShopsMarkStandsInAFinalBlockAndIsFoundByItsSerial) {
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  tick(2);
  const auto events = given();
  ASSERT_EQ(events.size(), 1u);
  into_a_block(events, false);
  tick(2);
  EXPECT_EQ(reports(ReportState::kGiven), 1u) << "not final yet";
  for (const auto& v : maker.votes()) must(chain.add_vote(v));
  tick(2);
  EXPECT_EQ(reports(ReportState::kFinal), 1u);
  const auto uses = must(chain::serial_uses(chain, Consortium::gtin(), {"A-1"}, "17"));
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_TRUE(uses[0].final);
  EXPECT_EQ(uses[0].kind, UsageKind::kSold);
  const auto reader = must(node::MarkReader::open(folder / "marks.db"));
  const auto known = must(reader.of_serial(Consortium::gtin(), {"A-1"}, "17"));
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].report, uses[0].report);
  const auto shown = list()["marks"][0];
  EXPECT_EQ(shown["report_state"], "final");
  EXPECT_EQ(shown["block"], uses[0].block);
}

TEST_F(Reporter, OfAUnitThatTwoShopsSoldOneIsCountedAndBothAreKept) {
  sell(corner, "17");
  sell(market, "17");
  pass(std::chrono::minutes(2));
  tick(3);
  ASSERT_EQ(submitted.size(), 1u);
  EXPECT_EQ(opened(submitted[0]).count, 1u);
  into_a_block(given());
  sell(c.west, "17");
  pass(std::chrono::minutes(2));
  tick(3);
  EXPECT_EQ(submitted.size(), 1u) << "there is nothing to add";
  const auto marks = list()["marks"];
  ASSERT_EQ(marks.size(), 3u);
  EXPECT_FALSE(marks[0]["report"].is_null());
  EXPECT_EQ(marks[1]["report"], marks[0]["report"]);
  EXPECT_EQ(marks[2]["report"], marks[0]["report"]);
  EXPECT_EQ(store->waiting(), 0u);
}

TEST_F(Reporter, WhatTheAgencyReportedItselfIsNotCountedAgain) {
  const auto own = must(seal(Usage{Consortium::gtin(), {"A-1"}, UsageKind::kSold, {"17"}, 1, 1},
                             *c.west.signer, c.chain));
  into_a_block({own.bytes});
  sell(corner, "17");
  sell(corner, "18");
  bring(signed_by(corner, mark("17", UsageKind::kUsed)));
  pass(std::chrono::minutes(2));
  tick(6);
  ASSERT_EQ(submitted.size(), 2u);
  std::map<UsageKind, std::vector<std::string>> said;
  for (const auto& r : submitted) said[opened(r).kind] = opened(r).serials;
  EXPECT_EQ(said[UsageKind::kSold], std::vector<std::string>{"18"});
  EXPECT_EQ(said[UsageKind::kUsed], std::vector<std::string>{"17"});
  const auto reader = must(node::MarkReader::open(folder / "marks.db"));
  EXPECT_EQ(must(reader.of_serial(Consortium::gtin(), {"A-1"}, "17"))[0].report, own.id);
}

TEST_F(Reporter, TenThousandMarksStandInTenReportsEachInOne) {
  std::vector<Bytes> marks;
  for (int i = 0; i < 10'000; ++i) {
    marks.push_back(signed_by(i % 2 == 0 ? corner : market, mark(std::to_string(i))));
    if (marks.size() < 250) continue;
    for (const auto& m : bring(marks)) ASSERT_EQ(m["state"], "taken");
    marks.clear();
  }
  for (int i = 0; i < 10; ++i) reporter->tick(now());  // none waits for the minute
  EXPECT_EQ(store->waiting(), 0u);
  tick(4);
  const auto events = given();
  ASSERT_EQ(events.size(), 10u);
  std::set<std::string> serials;
  for (const auto& e : events) {
    EXPECT_EQ(opened(e).count, 1000u);
    for (const auto& s : opened(e).serials) EXPECT_TRUE(serials.insert(s).second) << s;
  }
  EXPECT_EQ(serials.size(), 10'000u);
  into_a_block(events);
  tick(2);
  EXPECT_EQ(reports(ReportState::kFinal), 10u);
  EXPECT_EQ(must(chain::lot_use(chain, Consortium::gtin(), {"A-1"})).units[1], 10'000u);
  EXPECT_EQ(must(chain::serial_uses(chain, Consortium::gtin(), {"A-1"}, "9999")).size(), 1u);
}

TEST_F(Reporter, CountsThatAReportCannotHoldGoIntoTheNext) {
  bring(signed_by(corner, mark({}, UsageKind::kUsed, 600'000'000)));
  bring(signed_by(corner, mark({}, UsageKind::kUsed, 600'000'000)));
  bring(signed_by(corner, mark({}, UsageKind::kUsed, 400'000'000)));
  pass(std::chrono::minutes(2));
  tick(6);
  ASSERT_EQ(submitted.size(), 2u);
  EXPECT_EQ(opened(submitted[0]).count, 600'000'000u);
  EXPECT_EQ(opened(submitted[1]).count, 1'000'000'000u);
}

// ---- what is lost on the way ---------------------------------------------------------------------

TEST_F(Reporter, AReportThatWasStoredAndNotSubmittedIsSubmittedAsItWasStored) {
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  no_submission = Errc::kStore;
  tick(1);
  ASSERT_EQ(submitted.size(), 1u);
  ASSERT_EQ(reports(ReportState::kMade), 1u);
  restart();  // it went down before anything else was kept
  no_submission.reset();
  tick(2);
  EXPECT_GE(attempts, 2u);
  EXPECT_EQ(submitted.size(), 1u) << "the same bytes";
  EXPECT_EQ(reports(ReportState::kGiven), 1u);
  EXPECT_EQ(given().size(), 1u);
}

TEST_F(Reporter, AReportThatWasSubmittedWithoutItsAnswerIsOneSubmission) {
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  lost_answer = Errc::kStore;
  tick(1);
  ASSERT_EQ(reports(ReportState::kMade), 1u);
  restart();
  lost_answer.reset();
  tick(2);
  const auto events = given();
  ASSERT_EQ(events.size(), 1u);
  into_a_block(events);
  tick(2);
  EXPECT_EQ(reports(ReportState::kFinal), 1u);
  EXPECT_EQ(must(chain::lot_use(chain, Consortium::gtin(), {"A-1"})).reports, 1u);
}

TEST_F(Reporter, ASubmissionThatWasLostIsMadeAgain) {
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  tick(2);
  ASSERT_EQ(reports(ReportState::kGiven), 1u);
  submitter.reset();
  for (const char* end : {"", "-wal", "-shm"})
    std::filesystem::remove(folder / ("submissions.db" + std::string(end)));
  restart();
  tick(2);
  const auto events = given();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0], submitted[0]);
}

TEST_F(Reporter, ABlockThatIsTakenBackGivesItsReportAgain) {
  BlockMaker theirs = maker;
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  tick(2);
  const auto events = given();
  into_a_block(events, false);
  tick(2);
  maker = theirs;
  must(chain.adopt({maker.term_block(1)}, now()));
  tick(2);
  EXPECT_EQ(reports(ReportState::kGiven), 1u);
  pass(std::chrono::seconds(20));
  const auto again = given();
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again[0], events[0]);
}

TEST_F(Reporter, AtMostSoManyAreOnTheWay) {
  for (int lot = 0; lot < 40; ++lot) {
    release("L-" + std::to_string(lot));
    Mark m = mark("1");
    m.lot = {"L-" + std::to_string(lot)};
    ASSERT_EQ(bring(signed_by(corner, m)), "taken");
  }
  pass(std::chrono::minutes(2));
  tick(60);
  EXPECT_EQ(reports(ReportState::kGiven), node::MarkReporter::kOnTheWay);
  EXPECT_EQ(reports(ReportState::kMade), 40 - node::MarkReporter::kOnTheWay);
  into_a_block(given());
  tick(6);
  EXPECT_EQ(reports(ReportState::kFinal), node::MarkReporter::kOnTheWay);
  EXPECT_EQ(reports(ReportState::kMade), 0u);
}

// ---- one that cannot be taken --------------------------------------------------------------------

TEST_F(Reporter, AReportThatIsRefusedHoldsUpNoOther) {
  for (int lot = 0; lot < 40; ++lot) {
    release("L-" + std::to_string(lot));
    Mark m = mark("1");
    m.lot = {"L-" + std::to_string(lot)};
    ASSERT_EQ(bring(signed_by(corner, m)), "taken");
  }
  refused = [&](const Bytes& report) {
    return opened(report).lot.text < "L-3";
  };  // the first, and more
  pass(std::chrono::minutes(2));
  tick(60);
  const std::uint64_t others = reports(ReportState::kGiven);
  EXPECT_EQ(others, 17u);
  EXPECT_EQ(reports(ReportState::kMade), 40 - others);
  into_a_block(given());
  refused = {};
  pass(std::chrono::seconds(20));
  tick(20);
  EXPECT_EQ(reports(ReportState::kFinal), others);
  EXPECT_EQ(reports(ReportState::kGiven), 40 - others);
}

TEST_F(Reporter, WhereNothingCanBeSubmittedOneIsTriedAtATime) {
  for (const char* lot : {"L-1", "L-2", "L-3"}) {
    release(lot);
    Mark m = mark("1");
    m.lot = {lot};
    ASSERT_EQ(bring(signed_by(corner, m)), "taken");
  }
  no_submission = Errc::kUnavailable;
  pass(std::chrono::minutes(2));
  tick(20);
  EXPECT_EQ(attempts, 1u);
  pass(std::chrono::seconds(10));
  no_submission.reset();
  tick(3);
  EXPECT_EQ(reports(ReportState::kGiven), 3u);
}

// The agency gets a new key: nobody takes what the old one signed.
TEST_F(Reporter, AReportOfAKeyThatIsNoMembersAnyMoreIsMadeAnew) {
  sell(corner, "17");
  pass(std::chrono::minutes(2));
  tick(2);
  const Bytes old = given().at(0);
  const auto renewed = make_party("drug-west", "drug-west", 70);
  for (auto& m : c.statement.members) {
    if (m.kid != c.west.kid()) continue;
    m.kid = renewed.kid();
    m.public_key = renewed.key();
  }
  std::ranges::sort(c.statement.members, {}, &Member::kid);
  append(maker.membership_block());
  for (auto& v : maker.votes()) must(chain.add_vote(v));
  c.west.signer = *signer_openssl(party_scalar(70));
  restart();
  given();  // finds that it cannot be
  tick(2);
  pass(std::chrono::seconds(20));
  tick(2);
  const auto made = must(open<Usage>(submitted.back(), c.chain));
  EXPECT_NE(submitted.back(), old);
  EXPECT_EQ(made.kid, renewed.kid());
  EXPECT_EQ(made.body.serials, std::vector<std::string>{"17"});
  EXPECT_EQ(reports(ReportState::kGiven), 1u);
  EXPECT_EQ(reports(ReportState::kMade), 0u);
}

}  // namespace
}  // namespace lotmark::test
