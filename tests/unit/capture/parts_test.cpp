// Captures that come in parts: others write between them, and a failure keeps what was kept.
#include <set>
#include <thread>

#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using Kind = CaptureRequest::Kind;
using State = CaptureOutcome::State;

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
  CaptureJob newest_job() { return reader->jobs(INT64_MAX, 1)->jobs[0]; }
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

}  // namespace
}  // namespace lotmark::node::test
