// Reports of a node with standbys: of no event that one of them does not hold.
#include "tests/eventually.h"
#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

// What standbys hold, as the runner asks for it at each look.
class HeldReports : public Subscribers {
 protected:
  HeldReports() {
    rows_held = [this] {
      ++looks;
      return held.load();
    };
  }
  // Once the runner has looked so often from begin to end.
  bool looked(int often) {
    const int from = looks;
    return lotmark::test::eventually([&] { return looks > from + often + 1; });
  }
  std::atomic<std::uint64_t> held = 0;
};

TEST_F(HeldReports, NoEventIsReportedBeforeEveryStandbyHoldsIt) {
  Receiver receiver;
  add_query();
  subscribe(receiver.url());
  held = top();
  run({receiver.url() + "/"});
  ship(1, 3);
  ASSERT_TRUE(looked(1)) << "by which the third is known";
  const std::uint64_t third = top();
  ship(4, 5);
  ASSERT_TRUE(looked(10));
  EXPECT_TRUE(receiver.got().empty());
  held = third;
  ASSERT_TRUE(receiver.wait_ids(3));
  ASSERT_TRUE(looked(10));
  EXPECT_EQ(receiver.ids(), ids(1, 3));
  held = ~std::uint64_t{0};
  ASSERT_TRUE(receiver.wait_ids(5));
  EXPECT_EQ(receiver.ids(), ids(1, 5));
}

// Its run would be over without events that were there.
TEST_F(HeldReports, AMissedRunWaitsUntilItIsKnownWhatStandbysHold) {
  Receiver receiver;
  add_query();
  subscribe(receiver.url(), {{"schedule", {{"hour", "1"}}}});
  ship(1, 2);
  clock.advance(std::chrono::hours(48));
  run({receiver.url() + "/"});
  ASSERT_TRUE(looked(10));
  EXPECT_TRUE(receiver.got().empty());
  held = top();
  ASSERT_TRUE(receiver.wait_ids(2));
  EXPECT_EQ(receiver.ids(), ids(1, 2));
}

}  // namespace
}  // namespace lotmark::node::test
