// What an agency's node takes of marks of use, and what it answers.
#include "core/base/hex.h"
#include "tests/must.h"
#include "tests/unit/marks/marks_fixture.h"

namespace lotmark::test {
namespace {

using Desk = MarksTest;
using nlohmann::json;

TEST_F(Desk, AShopsMarkAndTheAgencysOwnAreTaken) {
  EXPECT_EQ(sell(corner, "17"), "taken");
  EXPECT_EQ(sell(c.west, "18"), "taken");
  EXPECT_EQ(sell(c.examiner_west, "19"), "taken") << "whom statement 0 enrolled";
  EXPECT_EQ(bring(signed_by(market, mark({}, UsageKind::kUsed, 40))), "taken");
  const json all = list()["marks"];
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0]["serial"], "17");
  EXPECT_EQ(all[0]["kind"], "sold");
  EXPECT_EQ(all[0]["signer_name"], "drug-west/corner-pharmacy");
  EXPECT_EQ(all[0]["by"], to_hex(c.examiner_west.kid()));
  EXPECT_TRUE(all[0]["report"].is_null());
  EXPECT_EQ(all[1]["signer_name"], "drug-west");
  EXPECT_TRUE(all[3]["serial"].is_null());
  EXPECT_EQ(all[3]["count"], 40);
}

TEST_F(Desk, WhoIsNoneOfTheAgencysIsRefusedWhoeverBringsIt) {
  for (const Party* other : {&c.qa, &c.east, &c.examiner, &c.supervisors[0], &c.stranger})
    EXPECT_EQ(sell(*other, "17"), "mark-signer") << other->name;
  Party pretender = make_party("corner-pharmacy", "drug-west", 60);
  EXPECT_EQ(sell(pretender, "17"), "mark-signer");
  EXPECT_TRUE(list()["marks"].empty());
}

TEST_F(Desk, AForgedMarkIsRefused) {
  Bytes forged = signed_by(corner, mark("17"));
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  EXPECT_EQ(bring(forged), "cose-signature");
  EXPECT_EQ(bring(Bytes{1, 2, 3}), "cbor-trailing");
  Mark two = mark("17");
  two.count = 2;
  EXPECT_EQ(bring(signed_by(corner, two)), "mark-count");
  const auto other_chain = must(seal(mark("17"), *corner.signer, Digest{{9}})).bytes;
  EXPECT_EQ(bring(other_chain), "cose-chain");
  const auto report =
      must(seal(Usage{Consortium::gtin(), {"A-1"}, {}, {}, 1, 1}, *corner.signer, c.chain));
  EXPECT_EQ(bring(report.bytes), "cose-type");
}

TEST_F(Desk, AfterAFewForgedMarksNoMoreOfTheCallAreLookedAt) {
  std::vector<Bytes> marks;
  for (int i = 0; i < 20; ++i) {
    marks.push_back(signed_by(corner, mark(std::to_string(i))));
    if (i == 2) continue;
    marks.back().back() = static_cast<std::uint8_t>(marks.back().back() ^ 1);
  }
  const json answer = bring(marks);
  ASSERT_EQ(answer.size(), 20u);
  EXPECT_EQ(answer[2]["state"], "taken");
  const auto says = [&](const char* error) {
    return std::ranges::count_if(answer,
                                 [&](const json& m) { return m.value("error", "") == error; });
  };
  EXPECT_EQ(says("cose-signature"), std::ptrdiff_t{node::MarkDesk::kForgedMax});
  EXPECT_EQ(says("too-large"), 19 - std::ptrdiff_t{node::MarkDesk::kForgedMax});
  EXPECT_EQ(bring(signed_by(corner, mark("17"))), "taken") << "in another call";
}

TEST_F(Desk, TheChainIsAskedForLotsOfGoodMarksAlone) {
  chain_asked = 0;
  Bytes forged = signed_by(corner, mark("17"));
  forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1);
  bring({forged, forged, signed_by(c.stranger, mark("18"))});
  EXPECT_EQ(chain_asked, 1u);
  bring({signed_by(corner, mark("17")), signed_by(corner, mark("18"))});
  EXPECT_EQ(chain_asked, 3u);
}

TEST_F(Desk, ARevokedShopIsHeardNoMoreAndItsEarlierMarksStay) {
  const Bytes before = signed_by(corner, mark("17"));
  EXPECT_EQ(bring(before), "taken");
  const Revocation r{corner.kid(), 0, RevokedReason::kLost, {}};
  append(maker.block(BlockKind::kRevocation,
                     ObjectBytes{must(seal(r, *c.west.signer, c.chain)).bytes}));
  EXPECT_EQ(sell(corner, "18"), "key-revoked");
  EXPECT_EQ(bring(before), "held");
  EXPECT_EQ(sell(market, "18"), "taken");
}

TEST_F(Desk, OfALotThatIsNotReleasedNothingIsTaken) {
  Mark m = mark("17");
  m.lot = {"A-2"};
  const Bytes object = signed_by(corner, m);
  EXPECT_EQ(bring(object), "usage-lot-unknown");
  release("A-2");
  EXPECT_EQ(bring(object), "taken");
}

TEST_F(Desk, AClockMayBeTenMinutesAheadAndThirtyDaysBehind) {
  const auto at = [&](Millis off) {
    Mark m = mark({}, UsageKind::kUsed, 1);
    m.time = unix_ms(now() + off);
    return bring(signed_by(corner, m));
  };
  EXPECT_EQ(at(std::chrono::minutes(10)), "taken");
  EXPECT_EQ(at(std::chrono::minutes(10) + Millis{1}), "field-range");
  EXPECT_EQ(at(-std::chrono::hours(720)), "taken");
  EXPECT_EQ(at(-std::chrono::hours(720) - Millis{1}), "field-range");
}

TEST_F(Desk, WhatIsBroughtAgainIsHeldHoweverLate) {
  const Bytes object = signed_by(corner, mark("17"));
  const json first = bring(std::vector<Bytes>{object});
  pass(std::chrono::hours(24 * 400));
  restart();
  const json again = bring(std::vector<Bytes>{object});
  EXPECT_EQ(again[0]["state"], "held");
  EXPECT_EQ(again[0]["id"], first[0]["id"]);
  EXPECT_EQ(list()["marks"].size(), 1u);
}

TEST_F(Desk, OneBadMarkHoldsUpNoOther) {
  const Bytes first = signed_by(corner, mark("1"));
  const json answer =
      bring({first, signed_by(c.stranger, mark("2")), first, signed_by(market, mark("3"))});
  ASSERT_EQ(answer.size(), 4u);
  EXPECT_EQ(answer[0]["state"], "taken");
  EXPECT_EQ(answer[1]["state"], "refused");
  EXPECT_EQ(answer[1]["number"], 77);
  EXPECT_EQ(answer[2]["state"], "held");
  EXPECT_EQ(answer[2]["id"], answer[0]["id"]);
  EXPECT_EQ(answer[3]["state"], "taken");
  EXPECT_EQ(list()["marks"].size(), 2u);
}

TEST_F(Desk, ACallHasAtMost256Marks) {
  const auto errc = [&](const Bytes& body) {
    const node::Call call{"POST", "/control/v1/marks", body, {}};
    const auto reply =
        desk->control(call, *node::parse_route(call.path), c.examiner_west.kid(), now());
    return reply.error ? reply.error->code : Errc::kOk;
  };
  std::vector<Bytes> marks;
  for (int i = 0; i < 256; ++i) marks.push_back(signed_by(corner, mark(std::to_string(i))));
  EXPECT_EQ(errc(node::encode_list(marks)), Errc::kOk);
  marks.push_back(signed_by(corner, mark("256")));
  EXPECT_EQ(errc(node::encode_list(marks)), Errc::kTooLarge);
  EXPECT_EQ(errc(node::encode_list({Bytes(node::MarkDesk::kBodyMax, 7)})), Errc::kTooLarge);
  EXPECT_EQ(errc(Bytes{0x01}), Errc::kFieldType);
  EXPECT_EQ(errc({}), Errc::kCborTruncated);
  EXPECT_EQ(list()["marks"].size(), 256u);
}

TEST_F(Desk, AListIsOfALotOrAUnitAndComesInPages) {
  std::vector<Bytes> marks;
  for (int i = 0; i < 250; ++i) marks.push_back(signed_by(corner, mark(std::to_string(i))));
  bring(marks);
  for (auto& m : marks) m = signed_by(market, mark(must(open<Mark>(m, c.chain)).body.serial));
  bring(marks);
  bring(signed_by(corner, mark({}, UsageKind::kUsed, 3)));
  const json page = list();
  EXPECT_EQ(page["marks"].size(), 500u);
  EXPECT_EQ(page["next"], 500);
  EXPECT_EQ(list("?after=500")["marks"].size(), 1u);
  EXPECT_TRUE(list("?after=500")["next"].is_null());
  const std::string lot = "?gtin=" + Consortium::gtin().text + "&lot=A-1";
  EXPECT_EQ(list(lot + "&serial=17")["marks"].size(), 2u);
  EXPECT_EQ(list(lot + "&after=499")["marks"].size(), 2u);
  EXPECT_TRUE(list("?gtin=" + Consortium::gtin().text + "&lot=A-2")["marks"].empty());
  const node::Call call{"GET", "/control/v1/marks?serial=17", {}, {}};
  EXPECT_EQ(desk->control(call, *node::parse_route(call.path), c.west.kid(), now()).error->code,
            Errc::kUsage);
}

TEST_F(Desk, WhereTheNodeIsNoAgencysAnyMoreNothingIsTaken) {
  for (auto& m : c.statement.members)
    if (m.kid == c.west.kid()) m.roles = {Role::kReviewing};
  append(maker.membership_block());
  EXPECT_EQ(sell(corner, "17"), "mark-signer");
}

}  // namespace
}  // namespace lotmark::test
