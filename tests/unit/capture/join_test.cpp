// Events that name an open lot join the next record of one of its steps.
#include "core/base/hex.h"
#include "ledger-node/capture/event_store.h"
#include "ledger-node/chain/private/event_sets.h"
#include "tests/must.h"
#include "tests/unit/capture/events.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;
using node::CaptureOutcome;

class Join : public testing::Test {
 protected:
  void SetUp() override {
    p.open_batch();
    p.c.clock.set(p.at(9));
    p.measure(0, 8);
    store = must(node::EventStore::open(p.file("private.db")));
    db.emplace(must(chain::open_private(p.file("private.db"))));
  }
  // Observes the lot of that number.
  void capture(const std::string& id, const std::string& lot = "A-2026%2F01") {
    auto event = node::test::observed(id, 1, 0);
    event.erase("epcList");
    event["quantityList"] = {
        {{"epcClass", "https://id.gs1.org/01/" + Consortium::gtin().text + "/10/" + lot},
         {"quantity", 10}}};
    auto done = store->capture(node::test::request_of({event}), p.c.clock.now());
    ASSERT_TRUE(done && done->success) << done.error().message();
  }
  Json prepare(const char* step, double from, double to) {
    return p.json(
        "POST", kSteps,
        {{"step", step}, {"start", p.ms(from)}, {"end", p.ms(to)}, {"notes", Json::array()}},
        p.c.qa);
  }
  std::int64_t waiting(const std::string& where = "1") {
    auto q = must(db->prepare("SELECT count(*) FROM event_pending WHERE " + where));
    EXPECT_TRUE(*q.step());
    return q.integer(0);
  }
  const std::string kSteps = "batches/A-2026%2F01/steps";
  Plant p;
  std::unique_ptr<node::EventStore> store;
  std::optional<store::Database> db;
};

TEST_F(Join, AnEventOfTheLotStandsInItsNextStepsRecord) {
  capture("urn:x:1");
  capture("urn:x:2");
  capture("urn:x:3", "OTHER");
  EXPECT_EQ(waiting("start IS NOT NULL"), 2);
  const Json made = prepare("filling", 1, 7);
  EXPECT_EQ(made["events"], 2);
  const auto entry = *from_hex(made["entries"].back().get<std::string>());
  const auto segment = must(decode<Segment>(entry));
  EXPECT_EQ(segment.name, chain::kEventsName);
  EXPECT_EQ(segment.audience, Audience::kRegulator);
  EXPECT_EQ(must(chain::read_event_tree(segment.content)).count, 2u);
  EXPECT_EQ(waiting(), 3) << "prepared is not recorded";
  p.record("filling", 1, 7, p.c.qa);
  p.tick_until(21);
  EXPECT_EQ(waiting(), 1);
  const auto place = must(chain::EventSets(*db).place_of(2));
  ASSERT_TRUE(place);
  EXPECT_TRUE(place->start);
  EXPECT_EQ(place->at, 1u);
}

TEST_F(Join, OfTwoPreparedStepsOneTakesIt) {
  capture("urn:x:1");
  const Json first = prepare("filling", 1, 7);
  const Json second = prepare("storage", 0, 7);
  EXPECT_EQ(second["events"], 1);
  const auto commit = [&](const Json& step) {
    const auto payload = *from_hex(step["payload"].get<std::string>());
    const auto object = must(seal(must(decode<Record>(payload)), *p.c.qa.signer, p.c.chain));
    return p.refusal("POST", kSteps + "/" + step["commitment"].get<std::string>(),
                     {{"record_object", to_hex(object.bytes)}}, p.c.qa);
  };
  EXPECT_EQ(commit(first), "");
  EXPECT_EQ(commit(second), "conflict");
  EXPECT_EQ(prepare("storage", 0, 7)["events"], 0) << "spoken for, though not recorded yet";
  EXPECT_EQ(waiting(), 1);
  p.tick_until(11);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(Join, OnceNoStepCanComeItWaitsForThePeriodRecord) {
  capture("urn:x:1");
  p.tick_until(61);
  EXPECT_EQ(waiting("start IS NOT NULL"), 0);
  EXPECT_EQ(waiting("start IS NULL"), 1);
}

TEST_F(Join, WhatNoSignedStepOfAStoppedLotHoldsWaitsForThePeriodRecord) {
  capture("urn:x:1");
  p.record("filling", 1, 7, p.c.qa);
  capture("urn:x:2");
  prepare("storage", 0, 7);
  p.engine().stop("A-2026/01", "record row 3 is damaged");
  p.tick();
  EXPECT_EQ(waiting("start IS NOT NULL AND n = 1"), 1) << "its step waits for its slot";
  EXPECT_EQ(waiting("start IS NULL AND n = 2"), 1);
  EXPECT_EQ(waiting(), 2);
}

TEST_F(Join, AStepOfALotThatGoesOnDoesNotTakeWhatWasReleasedMeanwhile) {
  capture("urn:x:1");
  const Json before = prepare("filling", 1, 7);
  EXPECT_EQ(before["events"], 1);
  p.engine().stop("A-2026/01", "record row 3 is damaged");
  p.reopen();
  p.tick();
  p.engine().looked_at_all();
  p.tick();
  const auto payload = *from_hex(before["payload"].get<std::string>());
  const auto object = must(seal(must(decode<Record>(payload)), *p.c.qa.signer, p.c.chain));
  EXPECT_EQ(p.refusal("POST", kSteps + "/" + before["commitment"].get<std::string>(),
                      {{"record_object", to_hex(object.bytes)}}, p.c.qa),
            "conflict");
  EXPECT_EQ(prepare("filling", 1, 7)["events"], 0);
}

TEST_F(Join, AnUnreadableLotKeepsNoEventWaiting) {
  capture("urn:x:1");
  ASSERT_TRUE(db->exec("UPDATE batch SET opening = x'00'"));
  p.reopen();
  p.tick();
  EXPECT_EQ(waiting("start IS NULL"), 1);
}

}  // namespace
}  // namespace lotmark::test
