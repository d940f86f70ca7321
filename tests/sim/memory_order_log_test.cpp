#include "tests/sim/memory_order_log.h"

#include <gtest/gtest.h>

namespace lotmark::sim {
namespace {

using node::Answered;
using node::EntrySeen;
using node::LeaseSeen;
using node::LogFound;
using node::LogLost;

class TwoNodes : public testing::Test {
 protected:
  Timeline timeline{from_ms(0)};
  MemoryEngine engine{timeline, Draw(1)};
  std::unique_ptr<node::OrderLog> a = engine.connect("a");
  std::unique_ptr<node::OrderLog> b = engine.connect("b");
  const Bytes block{1, 2, 3};
  const node::Lease lease{{}, 1, 1};

  void SetUp() override {
    (void)events(*a);
    (void)events(*b);
  }
  void wait(Millis by = Millis{20}) {
    const Time until = timeline.now() + by;
    while (timeline.step(until)) {
    }
  }
  std::vector<node::OrderEvent> events(node::OrderLog& log, Millis by = Millis{20}) {
    wait(by);
    return log.poll();
  }
  template <class T>
  std::vector<T> of(const std::vector<node::OrderEvent>& all) {
    std::vector<T> out;
    for (const auto& e : all) {
      if (const auto* t = std::get_if<T>(&e)) out.push_back(*t);
    }
    return out;
  }
  Result<std::uint64_t> answer(node::OrderLog& log, Millis by = Millis{20}) {
    const auto got = of<Answered>(events(log, by));
    EXPECT_EQ(got.size(), 1u);
    return got.empty() ? Result<std::uint64_t>(Errc::kInternal) : got[0].place;
  }
};

TEST_F(TwoNodes, AnAppendedEntryIsAnsweredAndSeenByAll) {
  a->append(7, 0, block);
  const auto at_a = events(*a);
  ASSERT_EQ(of<Answered>(at_a).size(), 1u);
  EXPECT_EQ(of<Answered>(at_a)[0].request, 7u);
  EXPECT_EQ(*of<Answered>(at_a)[0].place, 1u);
  const auto at_b = of<EntrySeen>(events(*b));
  ASSERT_EQ(at_b.size(), 1u);
  EXPECT_EQ(at_b[0].block, block);
}

TEST_F(TwoNodes, TheSecondBehindTheSameEntryConflicts) {
  a->append(1, 0, block);
  wait();
  b->append(2, 0, block);
  EXPECT_EQ(answer(*b).code(), Errc::kConflict);
  EXPECT_EQ(engine.last(), 1u);
}

TEST_F(TwoNodes, SeveralOnTheirWayKeepTheirOrder) {
  engine.most = Millis{50};
  for (std::uint64_t i = 0; i < 20; ++i) a->append(i, i, block);
  const auto got = of<Answered>(events(*a, Millis{200}));
  ASSERT_EQ(got.size(), 20u);
  for (const auto& g : got) EXPECT_TRUE(g.place);
}

TEST_F(TwoNodes, OnlyOneTakesTheLease) {
  a->put_lease(1, 0, lease);
  b->put_lease(1, 0, lease);
  const bool first = static_cast<bool>(answer(*a));
  const bool second = static_cast<bool>(answer(*b));
  EXPECT_NE(first, second);
  EXPECT_EQ(engine.lease(), lease);
}

TEST_F(TwoNodes, WhoIsCutOffHearsItAndGetsNoAnswer) {
  engine.cut("a");
  a->append(1, 0, block);
  EXPECT_EQ(of<LogLost>(events(*a)).size(), 1u);
  EXPECT_EQ(answer(*a, node::kAnswerWithin).code(), Errc::kUnavailable);
  EXPECT_EQ(engine.last(), 0u);
}

TEST_F(TwoNodes, WhoComesBackHearsEverythingAgain) {
  a->append(1, 0, block);
  wait();
  engine.cut("b");
  (void)events(*b);
  engine.mend("b");
  const auto got = events(*b);
  EXPECT_EQ(of<LogFound>(got)[0].last, 1u);
  EXPECT_EQ(of<EntrySeen>(got).size(), 1u);
  EXPECT_EQ(of<LeaseSeen>(got).size(), 1u);
}

TEST_F(TwoNodes, ALostAnswerLeavesTheEntry) {
  engine.lose_answer = 1000;
  a->append(1, 0, block);
  EXPECT_EQ(answer(*a, node::kAnswerWithin).code(), Errc::kUnavailable);
  EXPECT_EQ(engine.last(), 1u);
}

TEST_F(TwoNodes, ARequestThatIsHeldArrivesLate) {
  engine.hold("a");
  a->append(1, 0, block);
  EXPECT_EQ(answer(*a, node::kAnswerWithin).code(), Errc::kUnavailable);
  EXPECT_EQ(engine.last(), 0u);
  engine.release("a");
  EXPECT_EQ(engine.last(), 1u);
}

TEST_F(TwoNodes, WhatAnEndedConnectionSentMayStillArrive) {
  a->append(1, 0, block);
  a.reset();
  wait();
  EXPECT_EQ(engine.last(), 1u);
}

TEST_F(TwoNodes, AcknowledgedEntriesCanBeLost) {
  a->append(1, 0, block);
  a->append(2, 1, block);
  (void)events(*a);
  engine.lose_newest(1);
  const auto got = events(*a);
  EXPECT_EQ(of<LogLost>(got).size(), 1u);
  EXPECT_EQ(of<LogFound>(got)[0].last, 1u);
}

TEST_F(TwoNodes, AnEmptiedLogGoesOnAndARemadeOneBeginsAnew) {
  a->append(1, 0, block);
  wait();
  engine.purge();
  auto found = of<LogFound>(events(*a)).back();
  EXPECT_EQ(found.first, 2u);
  EXPECT_EQ(found.last, 1u);
  engine.remake();
  found = of<LogFound>(events(*a)).back();
  EXPECT_EQ(found.first, 1u);
  EXPECT_EQ(found.last, 0u);
}

TEST_F(TwoNodes, AForgottenLeaseIsTold) {
  a->put_lease(1, 0, lease);
  wait();
  engine.forget_lease();
  const auto seen = of<LeaseSeen>(events(*b));
  ASSERT_FALSE(seen.empty());
  EXPECT_FALSE(seen.back().lease);
  EXPECT_EQ(seen.back().revision, 0u);
}

}  // namespace
}  // namespace lotmark::sim
