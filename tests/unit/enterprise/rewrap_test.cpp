// Readers that come later, and go: POST and GET /control/v1/rewraps.
#include "core/base/hex.h"
#include "tests/must.h"
#include "tests/unit/enterprise/sealed_plant.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;

class Rewraps : public testing::Test {
 protected:
  Rewraps() { s.run(); }
  Json ask(Json body) {
    body["reader"] = to_hex(later->public_key());
    return s.plant.json("POST", "rewraps", body, s.plant.c.qa);
  }
  std::string refused_as(const Json& body) {
    return s.plant.refusal("POST", "rewraps", body, s.plant.c.qa);
  }
  std::size_t given_in_first_row() {
    const auto db = must(store::Database::open(s.plant.file("private.db")));
    auto q =
        must(db.prepare("SELECT count(*) FROM segment_key WHERE reader = ? AND commitment = "
                        "(SELECT commitment FROM record WHERE n = 0)"));
    EXPECT_TRUE(must(q.bind(1, s.own->kid()).step()));
    return q.u64(0);
  }
  std::string refused(Json body) { return s.plant.refusal("POST", "rewraps", body, s.plant.c.qa); }
  // What the later reader has in all records.
  std::vector<std::pair<Digest, chain::SegmentKey>> given() {
    std::vector<std::pair<Digest, chain::SegmentKey>> out;
    for (const auto& row : s.records()) {
      for (auto& k : s.keys_of(row.record.commitment, later->kid()))
        out.emplace_back(row.record.commitment, std::move(k));
    }
    return out;
  }
  std::string opened(const Digest& commitment, const chain::SegmentKey& k) {
    for (const auto& row : s.records()) {
      if (row.record.commitment != commitment) continue;
      const auto segment = must(decode<Segment>(row.record.segments.at(k.segment)));
      const auto content = must(sealed::unwrap(k.recipient, *later));
      return std::string(
          as_text(must(sealed::open_segment(s.plant.c.chain, segment, content)).content));
    }
    return {};
  }

  SealedPlant s;
  std::shared_ptr<const sealed::OpeningKey> later = opening_key(150);
};

TEST_F(Rewraps, ALaterReaderOpensWhatWasSealedBefore) {
  const Json done = ask(Json::object());
  EXPECT_EQ(done["segments"], 6);
  EXPECT_EQ(done["not_opened"], 0);
  EXPECT_TRUE(done["next"].is_null());
  const auto keys = given();
  ASSERT_EQ(keys.size(), 6u);
  bool secret = false;
  for (const auto& [commitment, k] : keys)
    secret = secret || opened(commitment, k) == SealedPlant::kSecret;
  EXPECT_TRUE(secret);
}

TEST_F(Rewraps, OneAudienceAlone) {
  EXPECT_EQ(ask({{"audience", {"partner"}}})["segments"], 1);
  const auto keys = given();
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(opened(keys[0].first, keys[0].second), SealedPlant::kPartners);
}

TEST_F(Rewraps, AnEndStaysUntilAnotherIsNamed) {
  const auto until = unix_ms(s.plant.c.clock.now()) + 5000;
  EXPECT_EQ(ask({{"until", until}})["segments"], 6);
  const Json again = ask(Json::object());
  EXPECT_EQ(again["segments"], 0) << "the same again is nothing";
  for (const auto& [commitment, k] : given()) EXPECT_EQ(k.until, until);
  EXPECT_EQ(ask({{"until", until + 1}})["segments"], 6);
  for (const auto& [commitment, k] : given()) EXPECT_EQ(k.until, until + 1);
  EXPECT_EQ(given().size(), 6u) << "no reader twice";
  s.plant.c.clock.advance(Millis{5001});
  EXPECT_EQ(ask(Json::object())["over"], 6) << "and whose end has passed is told of";
}

TEST_F(Rewraps, WhatIsNoRecipientOfTheReaderIsWrappedAnewAndItsEndKept) {
  const auto until = unix_ms(s.plant.c.clock.now()) + 5000;
  ask({{"until", until}});
  {
    const auto db = must(store::Database::open(s.plant.file("private.db")));
    auto q =
        must(db.prepare("UPDATE segment_key SET recipient = x'00' WHERE reader = ? AND n = "
                        "(SELECT max(n) FROM segment_key)"));
    ASSERT_TRUE(q.bind(1, later->kid()).run());
  }
  EXPECT_EQ(ask(Json::object())["segments"], 1);
  for (const auto& [commitment, k] : given()) {
    EXPECT_EQ(k.until, until);
    EXPECT_FALSE(opened(commitment, k).empty());
  }
}

TEST_F(Rewraps, WhatStandsForTheNodeItselfAndOpensNothingIsCounted) {
  {
    const auto db = must(store::Database::open(s.plant.file("private.db")));
    auto q = must(db.prepare(
        "UPDATE segment_key SET recipient = (SELECT k.recipient FROM segment_key k WHERE k.reader "
        "= ?1 ORDER BY k.n DESC LIMIT 1) WHERE n = (SELECT min(n) FROM segment_key WHERE reader = "
        "?1)"));
    ASSERT_TRUE(q.bind(1, s.own->kid()).run());
  }
  const Json done =
      s.plant.json("POST", "rewraps", {{"reader", to_hex(s.own->public_key())}}, s.plant.c.qa);
  EXPECT_EQ(done["segments"], 0);
  EXPECT_EQ(done["not_opened"], 1);
}

// After a key was renewed: what was never wrapped for the new one opens by the old one alone.
TEST_F(Rewraps, EndLeavesWhatTheNodeItselfDoesNotOpen) {
  auto rules = s.rules();
  rules.own = later;
  s.plant.sealing = std::make_shared<const chain::SealingRules>(std::move(rules));
  s.plant.reopen();
  const Json done = s.plant.json(
      "POST", "rewraps", {{"reader", to_hex(s.own->public_key())}, {"end", true}}, s.plant.c.qa);
  EXPECT_EQ(done["segments"], 0);
  EXPECT_EQ(done["not_opened"], 6);
  std::size_t left = 0;
  for (const auto& row : s.records()) left += s.keys_of(row.record.commitment, s.own->kid()).size();
  EXPECT_EQ(left, 6u);
}

TEST_F(Rewraps, OperatorsThatAreNotNamedMayNotAndTheNodesOwnKeyMay) {
  const Json body = {{"reader", to_hex(later->public_key())}};
  EXPECT_EQ(s.plant.refusal("POST", "rewraps", body, s.plant.c.packer), "denied");
  EXPECT_TRUE(given().empty());
  const Party& enterprise = s.plant.c.enterprise;
  const chain::Enrolled own{enterprise.key(),
                            enterprise.kid(),
                            EnrolmentKind::kOperator,
                            "node",
                            "yunhe",
                            enterprise.kid(),
                            0};
  const node::Call call{"POST", "/control/v1/rewraps", to_bytes(as_bytes(body.dump())), {}};
  const auto route = must(node::parse_route(call.path));
  EXPECT_TRUE(s.plant.engine().control(route, call, own, s.plant.c.clock.now())->ok());
  EXPECT_EQ(given().size(), 6u);
}

TEST_F(Rewraps, OperatorsThatAreNotNamedDoNotReadForWhomTheyAre) {
  EXPECT_EQ(s.plant.refusal("GET", "rewraps", nullptr, s.plant.c.packer), "denied");
  s.plant.sealing = nullptr;
  s.plant.reopen();
  EXPECT_EQ(s.plant.refusal("GET", "rewraps", nullptr, s.plant.c.qa), "denied")
      << "nothing is sealed any more, and nobody named";
}

TEST_F(Rewraps, AKeyThatTheChainKnowsAsOneThatSignsIsRefused) {
  for (const Party* signs : {&s.plant.c.east, &s.plant.c.qa, &s.plant.c.fridge}) {
    const Json body = {{"reader", to_hex(signs->signer->public_key())}};
    EXPECT_EQ(refused_as(body), "key-bad") << signs->name;
  }
}

TEST_F(Rewraps, ADamagedRowIsCountedAndKeepsNoLotBehindItBack) {
  {
    const auto db = must(store::Database::open(s.plant.file("private.db")));
    ASSERT_TRUE(db.exec("UPDATE record SET segments = x'ff' WHERE n = 0"));
  }
  const auto sealed_in_first = given_in_first_row();
  const Json done = ask(Json::object());
  EXPECT_EQ(done["not_opened"], 1);
  EXPECT_EQ(done["segments"].get<std::size_t>(), 6 - sealed_in_first);
  EXPECT_TRUE(done["next"].is_null());
  EXPECT_EQ(ask({{"end", true}})["not_opened"], 1) << "nor an end";
}

TEST_F(Rewraps, EndTakesTheReaderAwayAndNobodyElse) {
  ask(Json::object());
  EXPECT_EQ(ask({{"end", true}})["segments"], 6);
  EXPECT_TRUE(given().empty());
  EXPECT_EQ(ask({{"end", true}})["segments"], 0);
  EXPECT_FALSE(s.keys_of(s.records().at(1).record.commitment, s.own->kid()).empty() &&
               s.keys_of(s.records().at(0).record.commitment, s.own->kid()).empty());
}

TEST_F(Rewraps, AreListedByReader) {
  ask({{"lot", "A-2026/01"}});
  const Json list = s.plant.json("GET", "rewraps", nullptr, s.plant.c.qa);
  ASSERT_EQ(list.size(), 5u);
  std::map<std::string, Json> of;
  for (const auto& r : list) of[r["reader"]] = r;
  EXPECT_EQ(of[to_hex(s.own->kid())]["own"], true);
  EXPECT_EQ(of[to_hex(s.east->kid())]["name"], "drug-east");
  EXPECT_EQ(of[to_hex(s.partner->kid())]["segments"], 1);
  EXPECT_TRUE(of[to_hex(later->kid())]["name"].is_null());
  EXPECT_EQ(of[to_hex(later->kid())]["segments"], 6);
}

TEST_F(Rewraps, WhatCannotBeMeantIsRefused) {
  const std::string key = to_hex(later->public_key());
  EXPECT_EQ(refused({{"reader", "04ab"}}), "usage");
  EXPECT_EQ(refused({{"reader", key}, {"lot", "Z-9"}}), "not-found");
  EXPECT_EQ(refused({{"reader", key}, {"until", 1000}}), "usage");
  EXPECT_EQ(refused({{"reader", key}, {"after", "nowhere"}}), "usage");
  EXPECT_EQ(refused({{"reader", key}, {"audience", {"public"}}}), "usage");
  EXPECT_EQ(refused({{"reader", to_hex(s.own->public_key())}, {"end", true}}), "conflict");
  EXPECT_EQ(refused({{"reader", to_hex(s.own->public_key())},
                     {"until", unix_ms(s.plant.c.clock.now()) + 5000}}),
            "conflict");
  for (const char* after : {"w", "w.1.00.1", "x.1.00.1.-", "w.1.0g.1.-", "r.1.00.z.-", "r.1.00.1."})
    EXPECT_EQ(refused({{"reader", key}, {"after", after}}), "usage") << after;
  s.plant.sealing = nullptr;
  s.plant.reopen();
  EXPECT_EQ(refused({{"reader", key}}), "conflict");
}

TEST_F(Rewraps, ASegmentThatDoesNotOpenIsCountedAndKeepsNoOtherBack) {
  {
    const auto db = must(store::Database::open(s.plant.file("private.db")));
    auto q =
        must(db.prepare("UPDATE segment_key SET recipient = x'00' WHERE reader = ? AND "
                        "segment = 1"));
    ASSERT_TRUE(q.bind(1, s.own->kid()).run());
  }
  const Json done = ask(Json::object());
  EXPECT_EQ(done["segments"].get<int>() + done["not_opened"].get<int>(), 6);
  EXPECT_GE(done["not_opened"], 1);
  EXPECT_GE(done["segments"], 1);
  EXPECT_TRUE(done["why"].is_string());
}

// More segments than one call takes: each call goes on behind the one before, and none is met twice.
TEST(RewrapInPortions, ReachesEverySegmentOnce) {
  SealedPlant s;
  Plant& p = s.plant;
  p.open_batch();
  p.tick_until(9);
  p.measure(0, 8);
  Json notes = Json::array();
  for (int i = 0; i < 70; ++i)
    notes.push_back({{"name", "n" + std::to_string(i)}, {"text", "secret"}});
  p.record("filling", 1, 7, p.c.qa, notes);
  p.record("storage", 1, 7, p.c.qa, notes);
  p.tick_until(12);  // one of the two has left, the other waits
  ASSERT_EQ(s.waiting().size(), 1u);
  const auto later = opening_key(150);
  Json body = {{"reader", to_hex(later->public_key())}};
  int calls = 0;
  int segments = 0;
  for (Json done; calls < 20; body["after"] = done["next"]) {
    done = p.json("POST", "rewraps", body, p.c.qa);
    ++calls;
    segments += done["segments"].get<int>();
    EXPECT_LE(done["segments"], 64) << "however many segments a row has";
    if (done["next"].is_null()) break;
  }
  EXPECT_EQ(segments, 142);
  EXPECT_EQ(calls, 3);
  std::size_t given = s.keys_of(s.waiting()[0].commitment, later->kid()).size();
  for (const auto& row : s.records())
    given += s.keys_of(row.record.commitment, later->kid()).size();
  EXPECT_EQ(given, 142u);
}

// A step prepared between two calls may have a commitment that was passed already.
TEST(RewrapInPortions, MissesNoStepThatIsPreparedMeanwhile) {
  SealedPlant s;
  Plant& p = s.plant;
  p.open_batch();
  p.tick_until(9);
  p.measure(0, 8);
  const auto prepare = [&](const std::string& step, const Json& notes) {
    p.c.clock.advance(Millis{1});
    const Json made =
        p.json("POST", "batches/A-2026%2F01/steps",
               {{"step", step}, {"start", p.ms(1)}, {"end", p.ms(7)}, {"notes", notes}}, p.c.qa);
    return *fixed_from_hex<Digest>(made["commitment"].get<std::string>());
  };
  Json notes = Json::array();
  for (int i = 0; i < 70; ++i)
    notes.push_back({{"name", "n" + std::to_string(i)}, {"text", "secret"}});
  // Not among the first, so that one before it is soon made.
  Digest passed = prepare("filling", notes);
  while (passed.bytes[0] < 0x40) passed = prepare("filling", notes);
  const auto later = opening_key(150);
  Json body = {{"reader", to_hex(later->public_key())}};
  body["after"] = p.json("POST", "rewraps", body, p.c.qa)["next"];
  ASSERT_TRUE(body["after"].is_string());
  Digest meanwhile = prepare("storage", Json::array());
  while (passed < meanwhile) meanwhile = prepare("storage", Json::array());
  for (Json done; !body["after"].is_null(); body["after"] = done["next"])
    done = p.json("POST", "rewraps", body, p.c.qa);
  EXPECT_EQ(s.keys_of(passed, later->kid()).size(), 71u);
  EXPECT_EQ(s.keys_of(meanwhile, later->kid()).size(), 1u);
}

}  // namespace
}  // namespace lotmark::test
