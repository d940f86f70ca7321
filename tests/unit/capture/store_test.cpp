#include <set>
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
  EXPECT_EQ(reader->jobs(1000, 10)->size(), 2u);
  EXPECT_EQ((*reader->jobs(1000, 10))[0].id, none->job) << "newest first";
  EXPECT_FALSE(*reader->job("no such"));
}

// ---- captures that come in parts -------------------------------------------------------------

class Parts : public Events {
 protected:
  static constexpr int kMany = 3000;  // events, of more terms than go into one part
  static std::vector<epcis::Json> many() {
    std::vector<epcis::Json> out;
    for (int i = 1; i <= kMany; ++i)
      out.push_back(observed("urn:x:" + std::to_string(i), i, i % 60));
    return out;
  }
  std::uint64_t number(const std::string& sql) {
    auto q = *reader->database().prepare(sql);
    EXPECT_TRUE(*q.step());
    return q.u64(0);
  }
  CaptureJob newest_job() { return (*reader->jobs(INT64_MAX, 1))[0]; }
  // Events that are there each time another has got to write meanwhile, each number once.
  std::set<std::uint64_t> seen_while(const std::function<void()>& work) {
    std::set<std::uint64_t> seen;
    std::atomic<bool> over = false;
    std::thread other([&] {
      const auto db = *chain::open_private(folder.private_db());
      while (!over) {
        EXPECT_TRUE(db.transaction([&]() -> Status {
          LM_ASSIGN(auto q, db.prepare("SELECT count(*) FROM event"));
          LM_TRY(q.step());
          seen.insert(q.u64(0));
          return db.exec("INSERT OR REPLACE INTO intake_clock(one, time) VALUES(1, 1)");
        }));
      }
    });
    work();
    over = true;
    other.join();
    return seen;
  }
};

TEST_F(Parts, OthersWriteBetweenTheirPartsAndTheJobTellsOfAll) {
  const auto seen = seen_while([&] { capture(many(), kNow, Kind::kProceed); });
  EXPECT_TRUE(std::ranges::any_of(seen, [](auto n) { return n > 0 && n < kMany; }));
  const auto job = newest_job();
  EXPECT_TRUE(job.success);
  EXPECT_EQ(job.errors, "[]");
  EXPECT_EQ(job.events, std::pair(std::uint64_t{1}, std::uint64_t{kMany}));
  EXPECT_EQ(number("SELECT count(*) FROM capture_job"), 1u);
  EXPECT_EQ(number("SELECT count(DISTINCT recorded) FROM event"), 1u);
  EXPECT_EQ(find({{"EQ_bizStep", "shipping"}}).size(), std::size_t{kMany});
}

// Ten seconds pass each time it is asked.
class SlowClock final : public Clock {
 public:
  Time now() const override { return start_ + Millis{10'000} * asked_++; }

 private:
  Time start_{Millis{1'777'900'000'000}};
  mutable int asked_ = 0;
};

TEST_F(Parts, EachIsOfTheTimeAtWhichItIsWritten) {
  const SlowClock clock;
  ASSERT_TRUE(store->capture(request_of(many(), Kind::kProceed), clock));
  EXPECT_GT(number("SELECT count(DISTINCT recorded) FROM event"), 1u);
  EXPECT_EQ(number("SELECT count(*) FROM event a JOIN event b ON b.n = a.n + 1 WHERE b.recorded < "
                   "a.recorded"),
            0u);
  EXPECT_EQ(number("SELECT count(*) FROM capture_job WHERE created = (SELECT min(recorded) FROM "
                   "event) AND finished = (SELECT max(recorded) FROM event)"),
            1u);
  const auto last = number("SELECT max(recorded) FROM event");
  capture({observed("urn:x:last", 1, 0)});  // by a clock that is behind
  EXPECT_EQ(number("SELECT min(recorded) FROM event WHERE n > 3000"), last) << "it never falls";
}

TEST_F(Parts, OfARollbackNobodySeesSome) {
  for (const auto n : seen_while([&] { capture(many()); })) EXPECT_TRUE(n == 0 || n == kMany) << n;
}

TEST_F(Parts, WhatWasKeptBeforeAFailureStaysAndTheSameAgainBringsTheRest) {
  const auto db = *chain::open_private(folder.private_db());
  ASSERT_TRUE(
      db.exec("CREATE TRIGGER no_room BEFORE INSERT ON event WHEN NEW.n = 2500 BEGIN SELECT "
              "RAISE(ABORT, 'no room'); END"));
  const auto failed = store->capture(request_of(many(), Kind::kProceed), kNow);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().text.find("is kept"), std::string::npos) << failed.error().text;
  const auto kept = number("SELECT count(*) FROM event");
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, 2500u);
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), kept);
  EXPECT_EQ(find({{"EQ_bizStep", "shipping"}}).size(), kept);
  const auto job = newest_job();
  EXPECT_FALSE(job.success);
  EXPECT_EQ(job.errors, kUnendedErrors);
  EXPECT_EQ(job.events, std::pair(std::uint64_t{1}, kept));
  EXPECT_TRUE(epcis::Json::parse(job.errors).is_array());
  ASSERT_TRUE(db.exec("DROP TRIGGER no_room"));
  const auto again = capture(many(), kNow, Kind::kProceed);
  EXPECT_EQ(std::ranges::count(again.items, State::kHeld, &CaptureOutcome::Item::state),
            static_cast<std::ptrdiff_t>(kept));
  EXPECT_EQ(number("SELECT count(*) FROM event"), std::uint64_t{kMany});
  EXPECT_TRUE(newest_job().success);
}

// Others wait for it to end: some with the node's lock.
TEST_F(Parts, ARollbackOfTooManyNamesIsToBeSentInPieces) {
  std::vector<epcis::Json> events;
  for (int i = 1; i <= 90; ++i) {
    events.push_back(observed("urn:x:" + std::to_string(i), i, 1));
    for (int k = 0; k < 3000; ++k)
      events.back()["epcList"].push_back("urn:y:" + std::to_string(i) + "." + std::to_string(k));
  }
  const auto whole = store->capture(request_of(events), kNow);
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.code(), Errc::kTooLarge);
  EXPECT_NE(whole.error().text.find("proceed"), std::string::npos) << whole.error().text;
  EXPECT_EQ(number("SELECT count(*) FROM event"), 0u);
  EXPECT_TRUE(capture(events, kNow, Kind::kProceed).success);
}

TEST_F(Parts, OfARollbackThatFailsNothingIsKept) {
  const auto db = *chain::open_private(folder.private_db());
  ASSERT_TRUE(
      db.exec("CREATE TRIGGER no_room BEFORE INSERT ON event WHEN NEW.n = 2500 BEGIN SELECT "
              "RAISE(ABORT, 'no room'); END"));
  ASSERT_FALSE(store->capture(request_of(many()), kNow));
  for (const char* table : {"event", "event_term", "event_pending", "capture_job"})
    EXPECT_EQ(number(std::string("SELECT count(*) FROM ") + table), 0u) << table;
  ASSERT_TRUE(db.exec("DROP TRIGGER no_room"));
  EXPECT_TRUE(capture(many()).success);
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
  const auto listed = *reader->jobs(INT64_MAX, 10, "certificate:yunhe/erp");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].id, mine->job);
  EXPECT_EQ(reader->jobs(INT64_MAX, 10)->size(), 2u);
  EXPECT_TRUE(reader->jobs(INT64_MAX, 10, "certificate:yunhe/er")->empty());
}

TEST(CaptureRequest, OfAnApiOfBeforeHasNoOwner) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0)});
  r.owner = "o";
  EXPECT_EQ(decode_capture(encode_capture(r))->owner, "o");
  r.owner = std::string(kCaptureOwnerMax + 1, 'o');
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kTooLarge);
  r.owner.clear();
  Bytes old = encode_capture(r);
  ASSERT_EQ(old.front(), 0x85);
  ASSERT_EQ(old.back(), 0x40);  // the empty owner
  old.front() = 0x84;
  old.pop_back();
  const auto back = decode_capture(old);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(back->owner.empty());
  EXPECT_EQ(back->events.size(), 1u);
}

TEST(CaptureRequest, TravelsAndIsBounded) {
  CaptureRequest r = request_of({observed("urn:x:1", 1, 0), observed("", 2, 1)}, Kind::kProceed);
  r.faults = "[1]";
  const Bytes bytes = encode_capture(r);
  const auto back = decode_capture(bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->kind, r.kind);
  EXPECT_EQ(back->faults, r.faults);
  EXPECT_EQ(back->contexts, r.contexts);
  ASSERT_EQ(back->events.size(), 2u);
  EXPECT_EQ(back->events[1].body, r.events[1].body);
  for (std::size_t n = 0; n < bytes.size(); n += 7)
    EXPECT_FALSE(decode_capture(ByteView(bytes).first(n))) << n;
  for (const char* faults : {"", "{}", "[", "null", "[1]x"}) {
    r.faults = faults;
    EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << faults;
  }
  r.faults = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << "deep";
  r.faults = "[ ]";
  EXPECT_TRUE(decode_capture(encode_capture(r)));
  r.events[0].context = 1;
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange);
  r.events[0] = {0, std::string(kCapturedEventMax + 1, ' ')};
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kTooLarge);
  r.kind = Kind::kSingle;
  r.events.clear();
  EXPECT_EQ(decode_capture(encode_capture(r)).code(), Errc::kFieldRange) << "one event exactly";
}

TEST(LotsNamed, AreClassesAndIlmdBesideOneGtin) {
  epcis::Json e = {{"quantityList",
                    {{{"epcClass", "urn:epc:class:lgtin:6901234.056789.A-1"}},
                     {{"epcClass", "https://shop.example/01/06901234567892/10/B%2F2"}}}}};
  const auto lots = lots_named(e);
  ASSERT_EQ(lots.size(), 2u);
  EXPECT_EQ(lots[0].lot.text, "A-1");
  EXPECT_EQ(lots[1].lot.text, "B/2");
  EXPECT_EQ(lots[1].gtin.text, "06901234567892");
  e = {{"epcList", {"https://id.gs1.org/01/06901234567892/21/7"}},
       {"ilmd", {{"cbvmda:lotNumber", "C-3"}}}};
  ASSERT_EQ(lots_named(e).size(), 1u);
  EXPECT_EQ(lots_named(e)[0].lot.text, "C-3");
  e["epcList"].push_back("https://id.gs1.org/01/09506000134352/21/7");
  EXPECT_TRUE(lots_named(e).empty()) << "of which of the two?";
}

}  // namespace
}  // namespace lotmark::node::test
