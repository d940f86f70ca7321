#include "edge-agent/clock/agent_clock.h"

#include <gtest/gtest.h>

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow{Millis{1796000000000}};  // 2026-11

class ClockTest : public testing::Test {
 protected:
  AgentClock made(std::optional<std::int64_t> floor_ms = std::nullopt) {
    return {{wall_, [this] { return boot_; }, [this] { return disciplined_; }}, floor_ms};
  }
  void pass(Millis by) {
    wall_.advance(by);
    boot_ += by;
  }
  ManualClock wall_{kNow};
  Millis boot_{5000};
  bool disciplined_ = false;
};

TEST_F(ClockTest, AClockNobodySetsIsFollowed) {
  const AgentClock clock = made();
  EXPECT_EQ(clock.now(), kNow);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  EXPECT_EQ(clock.least_time(), std::nullopt);
  EXPECT_EQ(clock.floor_ms(), std::nullopt) << "nobody bore it out";
  disciplined_ = true;
  pass(10s);
  EXPECT_EQ(clock.state(), ClockState::kSynchronised);
  EXPECT_EQ(clock.floor_ms(), to_ms(kNow + 10s));
}

TEST_F(ClockTest, In1970TheFloorGoesOnAndCertificatesAreHeldAgainstIt) {
  wall_.set(from_ms(1000));
  AgentClock clock = made(to_ms(kNow));
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  EXPECT_EQ(clock.now(), kNow);
  pass(7s);
  EXPECT_EQ(clock.now(), kNow + 7s);
  EXPECT_EQ(clock.least_time(), kNow + 7s);
  EXPECT_EQ(clock.floor_ms(), to_ms(kNow + 7s));
}

TEST_F(ClockTest, In1970WithoutAFloorANodesTimeTakesItsPlace) {
  wall_.set(from_ms(1000));
  AgentClock clock = made();
  EXPECT_EQ(clock.now(), from_ms(1000)) << "what it says, and unset";
  EXPECT_EQ(clock.least_time(), from_ms(1735689600000));
  clock.heard(kNow);
  pass(1s);
  EXPECT_EQ(clock.now(), kNow + 1s);
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  clock.heard(kNow - 1h);
  EXPECT_EQ(clock.now(), kNow + 1s) << "an old word changes nothing";
}

TEST_F(ClockTest, SetRightItIsBelievedAgainAndTheStepIsTold) {
  wall_.set(from_ms(1000));
  AgentClock clock = made();
  clock.heard(kNow);
  EXPECT_EQ(clock.stepped(), std::nullopt);
  wall_.set(kNow + 2s);
  EXPECT_EQ(clock.stepped(), kNow + 2s - from_ms(1000));
  EXPECT_EQ(clock.stepped(), std::nullopt) << "told once";
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  EXPECT_EQ(clock.now(), kNow + 2s);
}

TEST_F(ClockTest, SetBackAnHourTimeGoesOnUnsetUntilANodeBearsItOut) {
  AgentClock clock = made();
  clock.now();
  pass(10s);
  EXPECT_EQ(clock.now(), kNow + 10s);
  wall_.advance(-1h);
  EXPECT_EQ(clock.stepped(), -1h);
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  EXPECT_EQ(clock.now(), kNow + 10s);
  pass(5s);
  EXPECT_EQ(clock.now(), kNow + 15s);
  clock.heard(kNow + 15s);
  EXPECT_EQ(clock.state(), ClockState::kUnset) << "the node says what the line says";
  clock.heard(kNow + 15s - 1h);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning) << "the clock was an hour ahead before";
  EXPECT_EQ(clock.now(), kNow + 15s - 1h);
}

TEST_F(ClockTest, SetBackALittleItStandsUntilTheClockHasCaughtUp) {
  const AgentClock clock = made();
  EXPECT_EQ(clock.now(), kNow);
  wall_.advance(-20s);
  pass(5s);
  EXPECT_EQ(clock.now(), kNow);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  pass(16s);
  EXPECT_EQ(clock.now(), kNow + 1s);
}

TEST_F(ClockTest, ANodeThatIsFarAheadCastsDoubtAndDoesNotMoveTime) {
  AgentClock clock = made();
  clock.heard(kNow + 24h);
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  EXPECT_EQ(clock.now(), kNow);
  clock.heard(kNow + 1s);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
}

TEST_F(ClockTest, ASynchronisedClockIsRightWhateverTheFloorSays) {
  disciplined_ = true;
  AgentClock clock = made(to_ms(kNow + 24h));
  EXPECT_EQ(clock.state(), ClockState::kSynchronised);
  EXPECT_EQ(clock.now(), kNow);
  clock.heard(kNow + 24h);
  EXPECT_EQ(clock.now(), kNow);
}

// A year ahead by a broken chip, signed and sealed, forbids a year of readings.
TEST_F(ClockTest, SetAheadWhileItRunsItIsNotFollowedUntilSomebodyBearsItOut) {
  AgentClock clock = made();
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  wall_.advance(24h * 365);
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  pass(5s);
  EXPECT_EQ(clock.now(), kNow + 5s);
  clock.heard(kNow + 5s);
  EXPECT_EQ(clock.now(), kNow + 5s) << "a node that says otherwise bears nothing out";
  clock.heard(wall_.now());
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  EXPECT_EQ(clock.now(), kNow + 24h * 365 + 5s);
}

TEST_F(ClockTest, SetAheadAndBackAgainNothingWasEverElse) {
  AgentClock clock = made();
  EXPECT_EQ(clock.now(), kNow);
  wall_.advance(1h);
  EXPECT_EQ(clock.now(), kNow);
  wall_.advance(-1h);
  pass(2s);
  EXPECT_EQ(clock.now(), kNow + 2s);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
}

TEST_F(ClockTest, SetBackAndThenFarAheadItIsNotFollowedEither) {
  AgentClock clock = made();
  EXPECT_EQ(clock.now(), kNow);
  wall_.advance(-2min);
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  wall_.advance(24h * 365);
  EXPECT_EQ(clock.now(), kNow);
  wall_.advance(2min - 24h * 365);
  pass(1s);
  EXPECT_EQ(clock.now(), kNow + 1s);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
}

TEST_F(ClockTest, SetRightByHandFromBeforeThisProgramItIsFollowed) {
  wall_.set(from_ms(1000));
  AgentClock clock = made();
  EXPECT_EQ(clock.state(), ClockState::kUnset);
  wall_.set(kNow);
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
  EXPECT_EQ(clock.now(), kNow);
}

TEST_F(ClockTest, SlewingIsNoStep) {
  AgentClock clock = made();
  for (int i = 0; i < 1000; ++i) {
    pass(5s);
    wall_.advance(-2ms);
    EXPECT_EQ(clock.stepped(), std::nullopt);
  }
  EXPECT_EQ(clock.state(), ClockState::kFreeRunning);
}

}  // namespace
}  // namespace lotmark::agent
