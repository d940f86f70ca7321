#include <thread>

#include "core/crypto/sha256.h"
#include "core/epcis/hash/event_hash.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using Kind = CaptureRequest::Kind;
using State = CaptureOutcome::State;

TEST_F(Events, IsFoundByItsIdAtOnceAsItWasSent) {
  const auto sent = observed("urn:uuid:0c1d7c1a-5e6f-4b35-8d7b-9f27d7a4a001", 1, 0);
  const auto outcome = capture({sent});
  EXPECT_TRUE(outcome.success);
  ASSERT_EQ(outcome.items.size(), 1u);
  EXPECT_EQ(outcome.items[0].state, State::kStored);
  const auto found = reader->by_id("urn:uuid:0c1d7c1a-5e6f-4b35-8d7b-9f27d7a4a001");
  ASSERT_TRUE(found && found->size() == 1);
  EXPECT_EQ((*found)[0].body, sent.dump());
  EXPECT_EQ((*found)[0].recorded, unix_ms(kNow));
  EXPECT_EQ((*reader->context((*found)[0].context))->json, kContext);
  EXPECT_TRUE(reader->by_id("urn:uuid:0")->empty());
}

TEST_F(Events, OneWithoutIdIsNamedByItsHash) {
  const auto sent = observed("", 1, 0);
  const auto outcome = capture({sent});
  const auto hash = epcis::event_hash(sent, *epcis::Context::read(epcis::Json::parse(kContext)));
  EXPECT_EQ(outcome.items[0].id, epcis::hash_uri(*hash));
  const auto found = reader->by_id(outcome.items[0].id);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].body, sent.dump()) << "the bytes are the sender's";
  EXPECT_EQ(find({{"EQ_eventID", outcome.items[0].id}}).size(), 1u);
}

TEST_F(Events, TheSameAgainIsHeldAndAnotherOfItsIdIsRefused) {
  const auto first = observed("urn:x:1", 1, 0);
  capture({first});
  EXPECT_EQ(capture({first}).items[0].state, State::kHeld);
  const auto other = capture({observed("urn:x:1", 2, 0), observed("urn:x:2", 2, 0)});
  EXPECT_FALSE(other.success);
  EXPECT_EQ(other.items[0].state, State::kRefused);
  EXPECT_TRUE(reader->by_id("urn:x:2")->empty()) << "rollback: none of it";
  EXPECT_EQ(capture({observed("urn:x:1", 2, 0), observed("urn:x:2", 2, 0)}, kNow, Kind::kProceed)
                .items[1]
                .state,
            State::kStored);
  EXPECT_EQ(reader->by_id("urn:x:2")->size(), 1u);
  EXPECT_EQ(reader->by_id("urn:x:1")->size(), 1u);
}

// As of a file from before event types were listed: what was written since is what is found again.
TEST_F(Events, TypesOfEventsFromBeforeTheyWereListedAreListed) {
  std::vector<epcis::Json> all;
  const auto add = [&](const char* type, const epcis::Json& context) {
    auto e = observed("urn:x:" + std::to_string(all.size()), static_cast<int>(all.size()), 0);
    e["type"] = type;
    if (!context.is_null()) e["@context"] = context;
    all.push_back(e);
  };
  const epcis::Json own = {{"ex", "https://ex.example/"}, {"yh", "https://other.example/#"}};
  add("ObjectEvent", {});
  add("epcis:ObjectEvent", {});
  add("https://ref.gs1.org/epcis/ObjectEvent", {});
  add("https://ex.example/Whole", {});
  add("urn:ex:b", {});
  add("yh:OfTheDocument", {});
  add("ex:OfTheEvent", epcis::Json::array({own}));
  add("yh:OfTheEvent", own);
  add("unknown:Prefix", std::string(epcis::kContextUrl));
  capture(all);
  const auto listed = *reader->values(ResourceKind::kEventType, "", 100);
  EXPECT_EQ(listed.size(), 6u) << epcis::Json(listed);
  {
    const auto db = *store::Database::open(folder.private_db(), {});
    EXPECT_TRUE(
        db.exec("DELETE FROM event_value WHERE kind = 5; "
                "UPDATE event SET body = x'7b' WHERE n = 1; PRAGMA user_version = 17"));
  }
  EXPECT_TRUE(chain::open_private(folder.private_db(), false));
  EXPECT_EQ(*reader->values(ResourceKind::kEventType, "", 100), listed);
}

TEST_F(Events, NumbersAreToldWhileACaptureWaits) {
  capture({observed("urn:x:1", 1, 0)});
  std::vector<std::pair<std::string, double>> told;
  EXPECT_TRUE(answers_while(
      folder,
      [&] {
        capture({observed("urn:x:2", 2, 0), observed("urn:x:1", 1, 0)});
      },
      [&] { told = store->metrics(); }));
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].second, 1) << "what is on disk";
  EXPECT_EQ(store->metrics()[0].second, 2);
  EXPECT_EQ(store->metrics()[2].second, 1);
  EXPECT_EQ((*EventStore::open(folder.private_db()))->metrics()[0].second, 2) << "after a restart";
}

TEST_F(Events, TwoOfOneIdInOneDocumentAreSeen) {
  const auto outcome = capture({observed("urn:x:1", 1, 0), observed("urn:x:1", 2, 0)});
  EXPECT_FALSE(outcome.success);
  EXPECT_TRUE(reader->by_id("urn:x:1")->empty());
  const auto same = capture({observed("urn:x:1", 1, 0), observed("urn:x:1", 1, 0)});
  EXPECT_TRUE(same.success);
  EXPECT_EQ(same.items[1].state, State::kHeld);
}

TEST_F(Events, ADeclarationOfItsErrorStandsBesideTheEvent) {
  auto event = observed("urn:x:1", 1, 0);
  capture({event});
  event["errorDeclaration"] = {{"declarationTime", "2026-05-05T00:00:00Z"},
                               {"reason", "did_not_occur"}};
  EXPECT_EQ(capture({event}).items[0].state, State::kStored);
  EXPECT_EQ(capture({event}).items[0].state, State::kHeld) << "once";
  EXPECT_EQ(reader->by_id("urn:x:1")->size(), 2u);
  EXPECT_EQ(find({{"EXISTS_errorDeclaration", ""}}).size(), 1u);
}

TEST_F(Events, ASecondDeclarationIsKeptAndAnEventMayComeBehindItsDeclaration) {
  auto event = observed("urn:x:1", 1, 0);
  auto wrong = event;
  wrong["errorDeclaration"] = {{"declarationTime", "2026-05-05T00:00:00Z"},
                               {"reason", "did_not_occur"}};
  EXPECT_EQ(capture({wrong}).items[0].state, State::kStored);
  EXPECT_EQ(capture({event}).items[0].state, State::kStored) << "the event itself, later";
  wrong["errorDeclaration"]["correctiveEventIDs"] = {"urn:x:2"};
  EXPECT_EQ(capture({wrong}).items[0].state, State::kStored) << "another declaration";
  EXPECT_EQ(capture({wrong}).items[0].state, State::kHeld);
  EXPECT_EQ(capture({event}).items[0].state, State::kHeld);
  EXPECT_EQ(reader->by_id("urn:x:1")->size(), 3u);
}

TEST_F(Events, OfOneIdThereAreNoMoreThanCanBeLookedAt) {
  auto event = observed("urn:x:1", 1, 0);
  capture({event});
  for (int i = 0; i < 70; ++i) {
    event["errorDeclaration"] = {{"declarationTime", "2026-05-05T00:00:00Z"},
                                 {"reason", "r" + std::to_string(i)}};
    const auto state = capture({event}).items[0].state;
    EXPECT_EQ(state, i < 63 ? State::kStored : State::kRefused) << i;
  }
}

TEST_F(Events, AJobTellsWhatWasStoredAndWhatWasWrong) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0)}, Kind::kProceed);
  r.faults =
      R"([{"type":"epcisException:ValidationException","title":"Bad Request","status":400}])";
  const auto outcome = store->capture(r, kNow);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->success);
  const auto job = reader->job(outcome->job);
  ASSERT_TRUE(job && *job);
  EXPECT_FALSE((*job)->success);
  EXPECT_TRUE((*job)->proceed);
  EXPECT_EQ(epcis::Json::parse((*job)->errors).size(), 1u);
  EXPECT_EQ((*job)->events, (std::pair<std::uint64_t, std::uint64_t>(1, 1)));
  r.kind = Kind::kRollback;
  r.events[0].body = observed("urn:x:2", 2, 0).dump();
  const auto none = store->capture(r, kNow);
  EXPECT_FALSE((*reader->job(none->job))->events);
  EXPECT_TRUE(reader->by_id("urn:x:2")->empty());
  EXPECT_EQ(reader->jobs(1000, 10)->jobs.size(), 2u);
  EXPECT_EQ(reader->jobs(1000, 10)->jobs[0].id, none->job) << "newest first";
  EXPECT_FALSE(*reader->job("no such"));
}

TEST_F(Events, JobsAreReadWithinABoundWhateverWasWrong) {
  epcis::Json faults = epcis::Json::array();
  for (int i = 0; i < 10'000; ++i)
    faults.push_back({{"status", 400}, {"detail", std::string(100, 'x')}});
  CaptureRequest r = request_of({}, Kind::kProceed);
  r.faults = faults.dump();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store->capture(r, kNow));
  std::size_t seen = 0;
  std::uint64_t before = INT64_MAX;
  for (bool last = false; !last;) {
    const auto page = *reader->jobs(before, 1000);
    ASSERT_FALSE(page.jobs.empty());
    std::size_t bytes = 0;
    for (const auto& job : page.jobs) {
      bytes += job.errors.size();
      const auto told = epcis::Json::parse(job.errors);
      EXPECT_EQ(told.back()["detail"], std::to_string(10'001 - told.size()) + " more");
    }
    EXPECT_LE(bytes, 5u << 20);
    seen += page.jobs.size();
    before = page.jobs.back().k;
    last = page.is_last;
  }
  EXPECT_EQ(seen, 50u);
  EXPECT_TRUE(reader->jobs(INT64_MAX, 10)->is_last == false);
  EXPECT_TRUE(reader->jobs(before, 10)->jobs.empty());
}

TEST_F(Events, WhatCannotBeKeptIsNoEventOfAKnownId) {
  auto odd = observed("", 1, 0);
  odd["type"] = "https://ex.example/MyEvent";
  odd["bizStep"] = 5;
  const auto outcome = capture({odd, observed("urn:x:2", 2, 0)}, kNow, Kind::kProceed);
  EXPECT_EQ(outcome.items[0].state, State::kRefused);
  const auto errors = epcis::Json::parse((*reader->job(outcome.job))->errors);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0]["type"], "epcisException:ValidationException");
  EXPECT_EQ(errors[0]["status"], 400);
}

TEST_F(Events, RecordTimeNeverFallsAndRowsGoOnAfterARestart) {
  capture({observed("urn:x:1", 1, 0)});
  capture({observed("urn:x:2", 2, 0)}, kNow - Millis{5000});
  EXPECT_EQ((*reader->by_id("urn:x:2"))[0].recorded, unix_ms(kNow));
  store.reset();
  store = *EventStore::open(folder.private_db());
  capture({observed("urn:x:3", 3, 0)}, kNow - Millis{9000});
  EXPECT_EQ((*reader->by_id("urn:x:3"))[0].recorded, unix_ms(kNow));
  EXPECT_EQ((*reader->by_id("urn:x:3"))[0].n, 3u);
}

TEST_F(Events, WhatIsNoEventIsRefusedWithTheRest) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0)});
  for (const char* body : {"", "{", "[]", "{}", "{\"type\":\"ObjectEvent\",\"eventTime\":7}"}) {
    r.events.push_back({0, body});
    const auto outcome = store->capture(r, kNow);
    ASSERT_TRUE(outcome) << body;
    EXPECT_FALSE(outcome->success) << body;
    EXPECT_TRUE(reader->by_id("urn:x:1")->empty()) << body;
    r.events.pop_back();
  }
  r.contexts[0] = "\"https://elsewhere.example/context.jsonld\"";
  EXPECT_EQ(store->capture(r, kNow).code(), Errc::kUsage);
}

TEST_F(Events, AJobHasItsOwner) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0)});
  r.owner = "certificate:yunhe/erp";
  const auto mine = store->capture(r, kNow);
  r.owner = "certificate:yunhe/desk";
  r.events[0].body = observed("urn:x:2", 2, 0).dump();
  ASSERT_TRUE(mine && store->capture(r, kNow));
  EXPECT_EQ((*reader->job(mine->job))->owner, "certificate:yunhe/erp");
  const auto listed = reader->jobs(INT64_MAX, 10, "certificate:yunhe/erp")->jobs;
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].id, mine->job);
  EXPECT_EQ(reader->jobs(INT64_MAX, 10)->jobs.size(), 2u);
  EXPECT_TRUE(reader->jobs(INT64_MAX, 10, "certificate:yunhe/er")->jobs.empty());
}

}  // namespace
}  // namespace lotmark::node::test
