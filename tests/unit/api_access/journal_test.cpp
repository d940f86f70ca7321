// What is read waits for its entry, what is refused does not, and nothing is lost silently.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/eventually.h"
#include "tests/unit/api_access/memory_sink.h"

namespace lotmark::api::access::test {
namespace {

using lotmark::test::eventually;
using Mood = MemorySink::Mood;

AccessRecord a_read(const std::string& target, int status = 200) {
  AccessRecord r;
  r.caller = "token:erp@https://i";
  r.method = "GET";
  r.target = target;
  r.status = status;
  return r;
}

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    options.linger = Millis{40};
    options.pause = Millis{40};
  }
  void start() { journal = *Journal::start(sink, options); }
  static RateLimiter::Instant now() { return std::chrono::steady_clock::now(); }

  MemorySink sink;
  JournalOptions options;
  std::unique_ptr<Journal> journal;
};

TEST_F(JournalTest, AReadIsKeptWhenItsCommitReturns) {
  start();
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(journal->commit(a_read("/events/" + std::to_string(i))));
    ASSERT_EQ(sink.kept().size(), static_cast<std::size_t>(i));
  }
  EXPECT_EQ(sink.kept()[4].record.target, "/events/5");
  EXPECT_EQ(sink.kept()[4].number, 5u);
  EXPECT_EQ(sink.kept()[4].count, 1u);
}

TEST_F(JournalTest, OneWhoReadsAloneDoesNotWaitForOthers) {
  options.linger = Millis{60'000};
  start();
  const auto begin = now();
  ASSERT_TRUE(journal->commit(a_read("/events")));
  EXPECT_LT(now() - begin, Millis{5'000});
}

TEST_F(JournalTest, ManyReadersShareABatch) {
  sink.set(Mood::kHangs);
  start();
  std::vector<std::thread> readers;
  std::atomic<int> good = 0;
  for (int i = 0; i < 30; ++i)
    readers.emplace_back([&] { good += journal->commit(a_read("/events")) ? 1 : 0; });
  EXPECT_TRUE(eventually([&] { return sink.largest() + journal->counts().waiting == 30; }));
  sink.set(Mood::kKeeps);
  for (auto& r : readers) r.join();
  EXPECT_EQ(good, 30);
  EXPECT_LE(sink.calls(), 4u);
  EXPECT_EQ(sink.kept().size(), 30u);
}

TEST_F(JournalTest, RefusalsComeSoonWithoutAnybodyWaiting) {
  start();
  journal->note_refusal(a_read("/events", 401), now());
  EXPECT_TRUE(eventually([&] { return sink.kept().size() == 1; }));
  EXPECT_EQ(sink.kept()[0].record.status, 401);
}

TEST_F(JournalTest, WithoutTheNodeNothingIsReadAndTheAttemptIsKeptLater) {
  sink.set(Mood::kAway);
  start();
  EXPECT_EQ(journal->commit(a_read("/events/1")).code(), Errc::kUnavailable);
  EXPECT_EQ(journal->commit(a_read("/events/2")).code(), Errc::kUnavailable);
  journal->note_refusal(a_read("/events/3", 403), now());
  sink.set(Mood::kKeeps);
  ASSERT_TRUE(eventually([&] { return sink.kept().size() == 3; }));
  EXPECT_EQ(sink.kept()[0].record.status, 503);
  EXPECT_EQ(sink.kept()[0].record.target, "/events/1");
  EXPECT_EQ(sink.kept()[1].record.status, 503);
  EXPECT_EQ(sink.kept()[2].record.status, 403);
  EXPECT_TRUE(eventually([&] { return bool(journal->commit(a_read("/events/4"))); }));
}

TEST_F(JournalTest, ANodeThatHangsIsWaitedForSoLongAndNoLonger) {
  options.wait_max = Millis{300};
  sink.set(Mood::kHangs);
  start();
  const auto begin = now();
  EXPECT_EQ(journal->commit(a_read("/events")).code(), Errc::kUnavailable);
  EXPECT_GE(now() - begin, Millis{290});
  EXPECT_LT(now() - begin, Millis{4'000});
  EXPECT_EQ(journal->commit(a_read("/events/2")).code(), Errc::kUnavailable);
  sink.set(Mood::kKeeps);
  ASSERT_TRUE(eventually([&] { return sink.kept().size() == 2; }));
  EXPECT_EQ(sink.kept()[1].record.status, 503) << "given up before it left";
}

TEST_F(JournalTest, ANodeThatHangsHoldsOneReaderAtATime) {
  options.wait_max = Millis{500};
  sink.set(Mood::kHangs);
  start();
  EXPECT_FALSE(journal->commit(a_read("/events")));
  const auto begin = now();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(journal->commit(a_read("/events")));
  EXPECT_LT(now() - begin, 10 * options.wait_max) << "each would have waited";
  sink.set(Mood::kKeeps);
  EXPECT_TRUE(
      eventually([&] { return journal->commit(a_read("/events/last")).code() == Errc::kOk; }));
  std::size_t refused = 0;
  for (const auto& e : sink.kept()) refused += e.record.status == 503 ? 1 : 0;
  EXPECT_GE(refused, 20u) << "each attempt is told";
}

TEST_F(JournalTest, WhatWasKeptWithoutAnAnswerIsKeptOnce) {
  sink.set(Mood::kLosesAnswers);
  start();
  EXPECT_FALSE(journal->commit(a_read("/events")));
  sink.set(Mood::kKeeps);
  EXPECT_TRUE(journal->commit(a_read("/events/2")));
  ASSERT_EQ(sink.kept().size(), 2u);
  EXPECT_EQ(sink.kept()[0].record.status, 200) << "as it came first";
}

TEST_F(JournalTest, RefusalsThatAreTooManyAreCounted) {
  options.refusals = {.per_second = 0.001, .burst = 5, .clients_max = 1};
  start();
  for (int i = 0; i < 50; ++i) journal->note_refusal(a_read("/events", 401), now());
  EXPECT_TRUE(eventually([&] {
    std::uint64_t requests = 0;
    for (const auto& e : sink.kept()) requests += e.count;
    return requests == 50;
  }));
  EXPECT_EQ(journal->counts().left_out, 45u);
  EXPECT_TRUE(journal->commit(a_read("/events"))) << "reads are not limited by it";
}

TEST_F(JournalTest, TheQueueHasABoundAndWhatItTurnsAwayIsCounted) {
  options.queue_max = 10;
  sink.set(Mood::kAway);
  start();
  for (int i = 0; i < 100; ++i) journal->note(a_read("/capture", 202));
  EXPECT_FALSE(journal->commit(a_read("/events")));
  EXPECT_LE(journal->counts().waiting, 10u + 1u);
  sink.set(Mood::kKeeps);
  EXPECT_TRUE(eventually([&] {
    std::uint64_t requests = 0;
    for (const auto& e : sink.kept()) requests += e.count;
    return requests == 101;
  }));
}

TEST_F(JournalTest, BatchesHaveABound) {
  options.batch_max = 7;
  sink.set(Mood::kAway);
  start();
  for (int i = 0; i < 40; ++i) journal->note(a_read("/capture", 202));
  sink.set(Mood::kKeeps);
  ASSERT_TRUE(eventually([&] { return sink.kept().size() == 40; }));
  EXPECT_LE(sink.largest(), 7u);
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(sink.kept()[i].number, i + 1) << "in order";
}

TEST_F(JournalTest, TheEndBringsWhatIsLeft) {
  options.linger = Millis{60'000};
  start();
  for (int i = 0; i < 5; ++i) journal->note(a_read("/capture", 202));
  journal.reset();
  EXPECT_EQ(sink.kept().size(), 5u);
}

TEST_F(JournalTest, AnEndWithoutANodeIsNotHeldUp) {
  options.linger = Millis{60'000};
  sink.set(Mood::kAway);
  start();
  for (int i = 0; i < 5; ++i) journal->note(a_read("/capture", 202));
  const auto begin = now();
  journal.reset();
  EXPECT_LT(now() - begin, Millis{10'000});
}

TEST_F(JournalTest, ThroughAllMoodsNoAnsweredReadIsMissing) {
  options.wait_max = Millis{60};
  start();
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::vector<std::string> answered;
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        const auto target = "/events/" + std::to_string(t) + "-" + std::to_string(i);
        if (!journal->commit(a_read(target))) continue;
        const std::lock_guard lock(mutex);
        answered.push_back(target);
      }
    });
  }
  for (int round = 0; round < 12; ++round) {
    std::this_thread::sleep_for(Millis{25});
    sink.set(static_cast<Mood>(round % 4));
  }
  sink.set(Mood::kKeeps);
  stop = true;
  for (auto& r : readers) r.join();
  journal.reset();
  std::map<std::string, int> kept;
  for (const auto& e : sink.kept()) kept[e.record.target] = e.record.status;
  EXPECT_GT(answered.size(), 10u);
  for (const auto& target : answered) EXPECT_EQ(kept[target], 200) << target;
}

}  // namespace
}  // namespace lotmark::api::access::test
