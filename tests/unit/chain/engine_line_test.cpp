// When a node says that its ordering engine takes nothing (docs/adr/0021).
#include "ledger-node/order/engine_line.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

constexpr KeyId kSelf{{1}};
constexpr KeyId kOther{{2}};

// An engine of which the test says what comes.
struct Told final : OrderLog {
  std::vector<OrderEvent>* due;
  std::vector<std::uint64_t>* appends;
  std::vector<OrderEvent> poll() override { return std::exchange(*due, {}); }
  void append(std::uint64_t request, std::uint64_t, ByteView) override {
    appends->push_back(request);
  }
  void put_lease(std::uint64_t, std::uint64_t, const Lease&) override {}
};

class Line : public testing::Test {
 protected:
  Line() {
    auto told = std::make_unique<Told>();
    told->due = &due;
    told->appends = &appends;
    line.emplace(std::move(told), kSelf, 0);
    at(0, {LogFound{1, 0}, LeaseSeen{Lease{kOther, 1, 1}, 1}});
  }
  // The line looks every 100 ms until `ms`; then `events` come.
  void at(std::int64_t ms, std::vector<OrderEvent> events = {}) {
    for (; now < from_ms(static_cast<std::uint64_t>(ms)) + kBegin; now += Millis{100}) pump();
    due = std::move(events);
    pump();
  }
  void pump() {
    line->pump(now, [](ByteView) {});
  }
  Millis silence() const { return line->silence(now); }

  static constexpr Millis kBegin{1'000'000};
  Time now = from_ms(0) + kBegin;
  std::vector<OrderEvent> due;
  std::vector<std::uint64_t> appends;
  std::optional<EngineLine> line;
};

TEST_F(Line, AnEngineThatIsReadAndTakesNothingIsSilent) {
  at(5000);
  EXPECT_EQ(silence(), Millis{5000});
}

TEST_F(Line, ABeatOfAnybodysLeaseIsASignOfLife) {
  at(5000, {LeaseSeen{Lease{kOther, 1, 2}, 2}});
  EXPECT_EQ(silence(), Millis{0});
}

// After each connection the lease is told anew, by a leader that may have no quorum.
TEST_F(Line, TheSameLeaseToldAgainIsNone) {
  at(4000, {LogLost{}, LogFound{1, 0}, LeaseSeen{Lease{kOther, 1, 1}, 1}});
  at(5000);
  EXPECT_EQ(silence(), Millis{5000});
}

// Its last beats before it died are told by who comes after it, and nobody knows when they were.
TEST_F(Line, ABeatThatWasMissedWhileTheEngineWasAwayIsNone) {
  at(4000, {LogLost{}, LogFound{1, 0}, LeaseSeen{Lease{kOther, 1, 3}, 3}});
  at(5000);
  EXPECT_EQ(silence(), Millis{5000});
  at(6000, {LeaseSeen{Lease{kOther, 1, 4}, 4}});
  EXPECT_EQ(silence(), Millis{0});
}

TEST_F(Line, ALogThatCannotBeReadIsSilentThoughTheLeaseBeats) {
  at(1000,
     {LogLost{}, LogFound{1, 9}, LeaseSeen{Lease{kOther, 1, 1}, 1}});  // nine entries do not come
  for (std::uint64_t beat = 2; beat < 9; ++beat)
    at(static_cast<std::int64_t>(beat) * 1000, {LeaseSeen{Lease{kOther, 1, beat}, beat}});
  EXPECT_EQ(silence(), Millis{7100});
}

TEST_F(Line, ABlockThatIsRefusedForSixSecondsIsStuck) {
  line->place({7});
  for (std::int64_t ms = 200; ms <= 6000; ms += 200)
    at(ms, {Answered{appends.back(), Errc::kConflict}});
  EXPECT_FALSE(line->stuck(now));
  at(6100);
  EXPECT_TRUE(line->stuck(now));
  at(6200, {Answered{appends.back(), Result<std::uint64_t>(1)}});
  EXPECT_FALSE(line->stuck(now));
  EXPECT_EQ(line->placed(), Bytes{7});
}

// It was this process that stood still: what the engine did meanwhile is not known.
TEST_F(Line, AfterAPauseOfItsOwnTheSilenceBeginsAnew) {
  now += Millis{60'000};
  pump();
  EXPECT_EQ(silence(), Millis{0});
}

}  // namespace
}  // namespace lotmark::node
