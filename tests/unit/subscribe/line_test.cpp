// When one subscription is due, and what becomes of it; without threads, network and real time.
#include "ledger-node/subscribe/subscription_line.h"

#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

class Line : public testing::Test {
 protected:
  static Subscription stream() {
    Subscription s;
    s.id = "one";
    s.query = "{}";
    s.created = unix_ms(kBegin);
    return s;
  }
  static Subscription scheduled(bool report_if_empty = false) {
    Subscription s = stream();
    s.schedule = R"({"minute":"0/10"})";
    s.report_if_empty = report_if_empty;
    return s;
  }
  static Report report(std::size_t events, std::uint64_t upto, bool more = false) {
    return {"{}", events, upto, more};
  }
  static constexpr Time kBegin{Millis{1'777'852'805'000}};  // 2026-05-04T00:00:05Z
  static Time at(int minutes) { return kBegin + std::chrono::minutes(minutes); }
};

TEST_F(Line, AStreamIsDueWhileEventsStandBehindItsPlace) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  EXPECT_FALSE(line.is_due(kBegin, 0));
  EXPECT_TRUE(line.is_due(kBegin, 1));
  EXPECT_TRUE(line.succeeded(report(1, 5), true, kBegin));
  EXPECT_FALSE(line.is_due(kBegin, 5));
  EXPECT_TRUE(line.is_due(kBegin, 6));
}

TEST_F(Line, AStreamPastEventsWithoutAMatchIsWrittenSeldom) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  EXPECT_FALSE(line.wants(report(0, 10)));
  EXPECT_FALSE(line.succeeded(report(0, 10), false, kBegin));
  EXPECT_EQ(line.subscription().upto, 10u);
  EXPECT_FALSE(line.succeeded(report(0, 999), false, kBegin));
  EXPECT_TRUE(line.succeeded(report(0, 1000), false, kBegin));
  EXPECT_FALSE(line.subscription().notified);
}

TEST_F(Line, PausesDoubleFromASecondToTenMinutes) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  Time now = kBegin;
  Millis wanted{1000};
  for (int i = 0; i < 20; ++i) {
    line.failed(report(1, 1), "down", false, now);
    EXPECT_FALSE(line.is_due(now + wanted * 3 / 4 - Millis{1}, 1)) << i;
    EXPECT_TRUE(line.is_due(now + wanted * 5 / 4 + Millis{1}, 1)) << i;
    now += wanted;
    wanted = std::min(wanted * 2, Millis{600'000});
  }
  EXPECT_EQ(line.subscription().failures, 20u);
  EXPECT_EQ(line.subscription().upto, 0u) << "its place does not move";
}

TEST_F(Line, ASuccessEndsPauseAndCount) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  line.failed(report(1, 1), "down", false, kBegin);
  EXPECT_TRUE(line.subscription().failing_since);
  line.succeeded(report(1, 1), true, at(1));
  EXPECT_EQ(line.subscription().failures, 0u);
  EXPECT_FALSE(line.subscription().failing_since);
  EXPECT_EQ(line.subscription().notified, unix_ms(at(1)));
  EXPECT_TRUE(line.is_due(at(1), 2));
}

TEST_F(Line, ItStopsAfterThreeDaysOfFailuresAndNotBefore) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  line.failed(report(1, 1), "down", false, kBegin);
  line.failed(report(1, 1), "down", false, at(72 * 60 - 1));
  EXPECT_FALSE(line.stopped());
  line.failed(report(1, 1), "still down", false, at(72 * 60));
  EXPECT_EQ(line.subscription().stopped, "still down");
  EXPECT_FALSE(line.is_due(at(100'000), 100));
}

TEST_F(Line, WhatThisNodeCannotMakeIsNoFailureOfTheReceiver) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  for (int day = 0; day < 5; ++day) line.not_made(at(day * 24 * 60));
  EXPECT_FALSE(line.stopped());
  EXPECT_EQ(line.subscription().failures, 0u);
  EXPECT_FALSE(line.subscription().failing_since);
  EXPECT_FALSE(line.is_due(at(4 * 24 * 60), 1)) << "it pauses all the same";
  EXPECT_TRUE(line.is_due(at(4 * 24 * 60 + 10), 1));
  line.failed(report(1, 1), "down", false, at(10 * 24 * 60));
  EXPECT_TRUE(line.is_due(at(10 * 24 * 60) + Millis{1251}, 1)) << "the receiver's first";
}

TEST_F(Line, FailuresBeforeARestartCount) {
  Subscription s = stream();
  s.failures = 9;
  s.failing_since = unix_ms(kBegin);
  auto line = must(SubscriptionLine::make(s, {}));
  line.failed(report(1, 1), "down", false, at(72 * 60));
  EXPECT_TRUE(line.stopped());
}

TEST_F(Line, AClockThatIsSetBackHoldsNothingUp) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  line.failed(report(1, 1), "down", false, at(24 * 60));
  EXPECT_TRUE(line.is_due(kBegin, 1));
  line.failed(report(1, 1), "down", false, kBegin);
  EXPECT_EQ(line.subscription().failing_since, unix_ms(kBegin));
}

TEST_F(Line, AScheduleIsDueAtItsTimesAlone) {
  auto line = must(SubscriptionLine::make(scheduled(), {}));
  EXPECT_FALSE(line.is_due(at(9), 100));
  EXPECT_TRUE(line.is_due(at(10), 0)) << "whether there are events or not";
  EXPECT_TRUE(line.succeeded(report(3, 100), true, at(10)));
  EXPECT_FALSE(line.is_due(at(19), 200));
  EXPECT_TRUE(line.is_due(at(20), 200));
}

TEST_F(Line, ARunOfSeveralPagesGoesOnAtOnceAndIsOneRun) {
  auto line = must(SubscriptionLine::make(scheduled(true), {}));
  EXPECT_TRUE(line.succeeded(report(1000, 1000, true), true, at(10)));
  EXPECT_FALSE(line.subscription().ran);
  EXPECT_TRUE(line.is_due(at(10), 1500));
  EXPECT_FALSE(line.wants(report(0, 1500))) << "events went out: it is not empty";
  EXPECT_TRUE(line.succeeded(report(0, 1500), false, at(10)));
  EXPECT_EQ(line.subscription().ran, unix_ms(at(10)));
  EXPECT_FALSE(line.is_due(at(11), 1600));
}

TEST_F(Line, AnEmptyRunIsReportedOnlyWhereAskedForAndOnlyOnceAllIsLookedAt) {
  const auto asked = must(SubscriptionLine::make(scheduled(true), {}));
  const auto not_asked = must(SubscriptionLine::make(scheduled(), {}));
  EXPECT_TRUE(asked.wants(report(0, 10)));
  EXPECT_FALSE(asked.wants(report(0, 10, true)));
  EXPECT_FALSE(not_asked.wants(report(0, 10)));
  Subscription s = stream();
  s.report_if_empty = true;
  EXPECT_FALSE(must(SubscriptionLine::make(s, {})).wants(report(0, 10))) << "a stream has no runs";
}

TEST_F(Line, ARunThatFailedIsTriedAgainBeforeItsNextTime) {
  auto line = must(SubscriptionLine::make(scheduled(), {}));
  line.failed(report(1, 1), "down", false, at(10));
  EXPECT_FALSE(line.is_due(at(10), 1));
  EXPECT_TRUE(line.is_due(at(11), 1));
}

TEST_F(Line, ReportsFoundTooLargeAreHalvedDownToOneEvent) {
  auto line = must(SubscriptionLine::make(stream(), {}));
  line.failed(report(9, 9), "413", true, kBegin);
  EXPECT_EQ(line.limits().events, 4u);
  line.failed(report(1, 1), "413", true, kBegin);
  EXPECT_EQ(line.limits().events, 1u);
}

TEST_F(Line, WhatCannotBeReadIsCorrupt) {
  Subscription s = stream();
  s.query = "{";
  EXPECT_EQ(SubscriptionLine::make(s, {}).code(), Errc::kCorrupt);
  s = scheduled();
  s.schedule = "{}";
  EXPECT_EQ(SubscriptionLine::make(s, {}).code(), Errc::kCorrupt);
}

}  // namespace
}  // namespace lotmark::node::test
