// The reviewer's engine against an enterprise and a primary that answer well, badly or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/wire/cbor_writer.h"
#include "tests/unit/review/reviewer_harness.h"

namespace lotmark {
namespace {

using node::Outgoing;
using node::Reply;
using test::ReviewerHarness;
using testing::ElementsAre;
using testing::HasSubstr;

Errc errc(const Reply& reply) { return reply.error ? reply.error->code : Errc::kOk; }
Reply network() { return {0, "", {}, fail(Errc::kNetwork, "no route")}; }

class Reviewing : public testing::Test {
 protected:
  void ready() {
    h.build();
    h.submit_all();
    h.log_intake();
  }

  ReviewerHarness h;
};

TEST_F(Reviewing, AnHonestLotIsReadyForAPersonAndReleasedOnItsWord) {
  ready();
  h.run(5);
  EXPECT_EQ(h.state(), "reviewed") << h.review().dump(1);
  EXPECT_THAT(h.codes(), ElementsAre());
  EXPECT_TRUE(h.delivered.empty());
  const auto done = h.parsed(h.control("POST", "/control/v1/reviews/" + h.lot_path() + "/approve",
                                       {{"number", "CN-2026-7"}, {"if_clean", true}}));
  EXPECT_EQ(done["state"], "released") << done.dump();
  EXPECT_EQ(done["number"], "CN-2026-7");
  h.run(3);
  ASSERT_EQ(h.delivered.size(), 1u);
  const auto release = open<Release>(h.delivered[0], h.c.chain);
  ASSERT_TRUE(release);
  EXPECT_TRUE(release->verified_by(h.c.east.key()));
  EXPECT_EQ(release->body.application.bytes, h.lot.application.bytes);
  EXPECT_EQ(to_hex(release->body.report), done["report"]);
  EXPECT_TRUE(h.review()["promised"]);
  EXPECT_EQ(h.reviewer->tick(h.c.clock.now()).size(), 0u);
}

TEST_F(Reviewing, AReleaseNumberIsMadeWhereNoneIsGivenAndRepeats) {
  ready();
  h.run(5);
  const std::string path = "/control/v1/reviews/" + h.lot_path() + "/approve";
  const auto first = h.parsed(h.control("POST", path));
  EXPECT_THAT(first["number"].get<std::string>(), HasSubstr("-A-2026/01-"));
  EXPECT_EQ(h.parsed(h.control("POST", path, {{"number", "another"}}))["number"], first["number"]);
}

TEST_F(Reviewing, AValueOutOfLimitsRefusesByItselfAndShowsItsPath) {
  h.lot.fridge_t.value = [&](std::uint64_t t) { return t == h.lot.at(13) ? 940 : 500; };
  ready();
  h.run(6);
  EXPECT_EQ(h.state(), "refused");
  ASSERT_EQ(h.delivered.size(), 1u);
  const auto refusal = open<Refusal>(h.delivered[0], h.c.chain);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->body.application, h.lot.application.id);
  const auto shown = h.review();
  ASSERT_EQ(shown["findings"].size(), 1u);
  const auto& f = shown["findings"][0];
  EXPECT_EQ(f["text"], "filling fridge-1 t 9.40Cel at 2026-01-05T08:13:00.000Z outside 2..8Cel");
  EXPECT_EQ(f["reading"]["shown"], "9.40Cel");
  EXPECT_EQ(f["proof"]["root"], shown["claims"][f["claim"].get<std::size_t>()]["root"]);
  EXPECT_TRUE(f["proof"]["path"].is_array() && f["proof"]["evidence_path"].is_array());
  EXPECT_EQ(errc(h.control("POST", "/control/v1/reviews/" + h.lot_path() + "/approve")),
            Errc::kConflict);
}

TEST_F(Reviewing, ARemarkIsCleanButAPersonCanStillReject) {
  h.lot.fridge.clock = ClockState::kRecorded;
  ready();
  h.run(5);
  EXPECT_EQ(h.state(), "reviewed");
  const std::string path = "/control/v1/reviews/" + h.lot_path() + "/reject";
  EXPECT_EQ(errc(h.control("POST", path)), Errc::kUsage);
  const auto done = h.parsed(h.control("POST", path, {{"reason", "label torn"}}));
  EXPECT_EQ(done["state"], "refused") << done.dump();
  EXPECT_EQ(h.review()["reason"], "label torn");
  h.run(3);
  ASSERT_EQ(h.delivered.size(), 1u);
  EXPECT_TRUE(open<Refusal>(h.delivered[0], h.c.chain));
}

TEST_F(Reviewing, WhereTwoApplicationsOfALotWaitTheDecisionNamesOne) {
  ready();
  h.run(5);
  const std::string shown = h.review()["application"];
  // As another opening of the lot would leave it, on a start signal of its own.
  ASSERT_TRUE(h.db().exec(
      "INSERT INTO review(start, gtin, lot, opening, enterprise, application, application_id, "
      "state, "
      "details, at) SELECT randomblob(32), gtin, lot, opening, enterprise, application, "
      "randomblob(32), 'reviewed', details, at + 1000 FROM review"));
  const std::string path = "/control/v1/reviews/" + h.lot_path();
  EXPECT_NE(h.review()["application"], shown) << "the newest";
  EXPECT_EQ(h.parsed(h.control("GET", path + "?application=" + shown))["application"], shown);
  EXPECT_EQ(errc(h.control("POST", path + "/approve")), Errc::kConflict);
  EXPECT_EQ(errc(h.control("POST", path + "/reject", {{"reason", "torn"}})), Errc::kConflict);
  EXPECT_EQ(errc(h.control("POST", path + "/approve", {{"application", "00"}})), Errc::kNotFound);
  const auto done = h.parsed(h.control("POST", path + "/approve", {{"application", shown}}));
  EXPECT_EQ(done["state"], "released") << done.dump();
  EXPECT_EQ(done["application"], shown);
}

TEST_F(Reviewing, OnlyOperatorsOfTheOrganisationDecide) {
  ready();
  h.run(5);
  const std::string path = "/control/v1/reviews/" + h.lot_path() + "/approve";
  EXPECT_EQ(errc(h.control("POST", path, nullptr, &h.c.qa)), Errc::kDenied);
  EXPECT_EQ(errc(h.control("GET", "/control/v1/reviews", nullptr, &h.c.examiner_west)),
            Errc::kDenied);
  EXPECT_EQ(errc(h.control("GET", "/control/v1/reviews/none")), Errc::kNotFound);
  EXPECT_EQ(h.parsed(h.control("GET", "/control/v1/reviews")).size(), 1u);
  EXPECT_EQ(h.state(), "reviewed");
}

TEST_F(Reviewing, ASecondReviewerKeepsItsReportAndDoesNotDecide) {
  ReviewerHarness west(false);
  west.build();
  west.submit_all();
  west.log_intake();
  west.run(5);
  EXPECT_EQ(west.state(), "reviewed");
  EXPECT_FALSE(west.review()["decides"]);
  EXPECT_TRUE(west.review()["report"].is_string());
  EXPECT_EQ(errc(west.control("POST", "/control/v1/reviews/" + west.lot_path() + "/approve")),
            Errc::kDenied);
  EXPECT_TRUE(west.delivered.empty());
}

// ---- fetching ------------------------------------------------------------------------------------

Bytes nothing_but_lists(std::size_t depth) {
  return cbor_bytes([&](CborWriter& w) {
    for (std::size_t i = 0; i < depth; ++i) w.array(1);
    w.array(0);
  });
}

TEST_F(Reviewing, RowsThatCannotBeReadAreAFindingAfterSomeTries) {
  ready();
  const Bytes good = h.lot.rows_answer();
  const std::vector<Bytes> bad = {{},
                                  {0xff, 0x00},
                                  Bytes(good.begin(), good.end() - 9),
                                  nothing_but_lists(5),
                                  Bytes(9 * 1024 * 1024, 0x00)};
  std::size_t n = 0;
  h.rows = [&](const Outgoing&) { return node::reply_cbor(bad[n++ % bad.size()]); };
  h.run(2);
  EXPECT_EQ(h.state(), "applied");
  h.run(60);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_THAT(h.codes(), ElementsAre(16));
  EXPECT_EQ(h.rows_asked, 5u);
}

TEST_F(Reviewing, RowsOfAnotherLotAreUnreadable) {
  ready();
  auto rows = h.lot.rows;
  rows.opening = h.lot.application.bytes;
  h.rows = [&](const Outgoing&) { return node::reply_cbor(test::LotMaker::encode_rows(rows)); };
  h.run(5);
  EXPECT_THAT(h.codes(), ElementsAre(16));
}

TEST_F(Reviewing, BadBundleFilesAreAFinding) {
  ready();
  std::size_t n = 0;
  h.bundles = [&](const Outgoing& call) {
    Reply good = h.honest(call);
    switch (n++ % 4) {
      case 0: return node::reply_cbor({0x83, 0x40, 0x00});
      case 1: good.body.resize(good.body.size() / 2); return good;
      case 2: return node::reply_error(fail(Errc::kNotFound, "no such bundle"));
      default: return node::reply_cbor(Bytes(2 * 1024 * 1024, 0x80));
    }
  };
  h.run(90);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_THAT(h.codes(), ElementsAre(16));
}

TEST_F(Reviewing, AnotherBundleThanAskedForIsUnreadable) {
  ready();
  const Digest one = h.lot.rows.rows[1].evidence[0].bundles[0].bundle;
  h.bundles = [&](const Outgoing& call) {
    return node::reply_cbor(
        h.lot.bundle_answer(one, *node::parse_route(call.path)->number("size")));
  };
  h.run(5);
  EXPECT_THAT(h.codes(), ElementsAre(16));
}

TEST_F(Reviewing, AnEnterpriseOutOfReachIsWaitedFor) {
  ready();
  h.rows = [](const Outgoing&) { return network(); };
  h.run(600);
  EXPECT_EQ(h.state(), "applied");
  EXPECT_LT(h.rows_asked, 40u);  // ever more seldom
  h.rows = nullptr;
  h.bundles = [n = 0, this](const Outgoing& call) mutable {
    return n++ % 2 == 0 ? Reply{503, "", {}, fail(Errc::kUnavailable, "busy")} : h.honest(call);
  };
  h.run(120);
  EXPECT_EQ(h.state(), "reviewed");
}

TEST_F(Reviewing, ForeverOutOfReachIsUnreadable) {
  h.config.fetch_wait_s = 300;
  h.restart();
  ready();
  h.rows = [](const Outgoing&) { return network(); };
  h.run(400);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_THAT(h.codes(), ElementsAre(16));
}

TEST_F(Reviewing, EvidenceIsWaitedForUntilThePeriodBlockLogsIt) {
  h.build();
  h.submit_all();
  h.run(30);
  EXPECT_EQ(h.state(), "applied");
  h.log_intake();
  h.run(5);
  EXPECT_EQ(h.state(), "reviewed");
  EXPECT_THAT(h.codes(), ElementsAre());
}

TEST_F(Reviewing, EvidenceThatIsNeverLoggedRefuses) {
  h.build();
  h.submit_all();
  h.run(70);
  EXPECT_EQ(h.state(), "refused");
  EXPECT_THAT(h.codes(), ElementsAre(13));
}

// ---- delivery and restart ------------------------------------------------------------------------

TEST_F(Reviewing, TheSameRefusalIsSentUntilItIsPromised) {
  h.lot.fridge_t.value = [](std::uint64_t) { return 940; };
  ready();
  std::size_t n = 0;
  h.primary = [&](const Outgoing& call) {
    switch (n++) {
      case 0: return network();
      case 1: return node::reply_cbor({0xf6});
      case 2: {  // a promise of something else
        auto other = seal(Promise{h.lot.application.id, 0}, *h.c.supervisors[0].signer, h.c.chain);
        return node::reply_cbor(other->bytes);
      }
      case 3: {  // by somebody else
        auto object = read_sign1(call.body, {"refusal", &h.c.chain});
        auto other = seal(Promise{object->id(), 0}, *h.c.supervisors[1].signer, h.c.chain);
        return node::reply_cbor(other->bytes);
      }
      default: return h.honest(call);
    }
  };
  h.run(60);
  ASSERT_EQ(h.delivered.size(), 5u);
  for (const auto& d : h.delivered) EXPECT_EQ(d, h.delivered[0]);
  EXPECT_TRUE(h.review()["promised"]);
}

struct PromisesHeard final : chain::Onlooker {
  std::vector<std::pair<Digest, Bytes>> heard;
  void promised(const Signed<Promise>& promise, ByteView object, const Digest&) override {
    heard.emplace_back(promise.body.object, to_bytes(object));
  }
};

TEST_F(Reviewing, APromiseIsToldToWhoWatchesTheChainWithItsObject) {
  PromisesHeard ear;
  h.chain->watch(ear);
  h.lot.fridge_t.value = [](std::uint64_t) { return 940; };
  ready();
  h.run(30);
  ASSERT_EQ(ear.heard.size(), 1u);
  EXPECT_EQ(ear.heard[0].second, h.delivered.at(0));
  EXPECT_EQ(ear.heard[0].first, *id_of(h.delivered[0]));
}

TEST_F(Reviewing, WhatTheChainHoldsIsNotSentAgain) {
  h.lot.fridge_t.value = [](std::uint64_t) { return 940; };
  ready();
  h.primary = [](const Outgoing&) { return network(); };
  h.run(6);
  EXPECT_FALSE(h.review()["promised"]);
  ASSERT_TRUE(h.chain->append(h.blocks.refusal_block(h.lot.application.id), h.c.clock.now()));
  h.run(40);
  EXPECT_TRUE(h.review()["promised"]);
}

TEST_F(Reviewing, ARestartAtAnyPointLosesNothingAndChangesNoByte) {
  h.build();
  h.receive_start();
  h.restart();
  const Bytes opened = h.send_opening().body;
  h.restart();
  EXPECT_EQ(h.send_opening().body, opened);
  std::vector<Bytes> arrivals;
  for (std::size_t n = 0; n < h.lot.transactions.size(); ++n) {
    arrivals.push_back(h.send_transaction(n).body);
    h.restart();
    EXPECT_EQ(h.send_transaction(n).body, arrivals.back());
  }
  const Bytes applied = h.send_application().body;
  h.restart();
  EXPECT_EQ(h.send_application().body, applied);
  h.log_intake();
  h.run(2);  // in the middle of fetching
  h.restart();
  h.run(5);
  EXPECT_EQ(h.state(), "reviewed");
  h.restart();
  EXPECT_EQ(h.state(), "reviewed");
  const std::string path = "/control/v1/reviews/" + h.lot_path() + "/approve";
  const auto decided = h.parsed(h.control("POST", path));
  h.restart();
  EXPECT_EQ(h.parsed(h.control("POST", path)), decided);
  h.primary = [](const Outgoing&) { return network(); };
  h.run(3);
  h.restart();
  h.primary = nullptr;
  h.run(3);
  ASSERT_GE(h.delivered.size(), 2u);
  for (const auto& d : h.delivered) EXPECT_EQ(d, h.delivered[0]);
  EXPECT_TRUE(h.review()["promised"]);
  h.restart();
  EXPECT_TRUE(h.reviewer->tick(h.c.clock.now()).empty());
}

TEST_F(Reviewing, AReplyAfterTheReviewerIsGoneIsHarmless) {
  ready();
  auto calls = h.reviewer->tick(h.c.clock.now());
  ASSERT_EQ(calls.size(), 1u);
  h.restart();
  calls[0].done(h.honest(calls[0]));
  h.run(5);
  EXPECT_EQ(h.state(), "reviewed");
}

}  // namespace
}  // namespace lotmark
