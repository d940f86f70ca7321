// Receivers that take their time, or never answer, or say more than anybody reads.
#include "tests/unit/subscribe/subscribers.h"

namespace lotmark::node::test {
namespace {

TEST_F(Subscribers, SlowReceiversDoNotHoldUpOthers) {
  Receiver slow, quick;
  slow.answer(200, Millis{1500});
  add_query();
  for (int i = 0; i < 10; ++i) subscribe(slow.url() + "/" + std::to_string(i));
  subscribe(quick.url());
  run({slow.url() + "/", quick.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(slow.wait(2));
  const auto begin = std::chrono::steady_clock::now();
  ship(2, 3);
  ASSERT_TRUE(quick.wait_ids(3));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Millis{1000});
  EXPECT_LE(slow.most_at_once(), 2);
}

// As subscriptions of receivers that take so long to answer.
class SlowReceivers : public Subscribers, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Or, SlowReceivers, testing::Values(1500, 4000), [](const auto& of) {
  return of.param < 2000 ? "TakeLong" : "NeverAnswer";
});

TEST_P(SlowReceivers, SeveralHoldHalfOfTheCallers) {
  Receiver one, other, quick;
  add_query();
  for (Receiver* slow : {&one, &other}) {
    slow->answer(200, Millis{GetParam()});
    for (int i = 0; i < 10; ++i) subscribe(slow->url() + "/" + std::to_string(i));
  }
  subscribe(quick.url());
  run({one.url() + "/", other.url() + "/", quick.url() + "/"});
  ship(1, 1);
  ASSERT_TRUE(quick.wait_ids(1));
  ASSERT_TRUE(one.wait(3) && other.wait(3)) << "both were found slow";
  ship(2, 2);
  ASSERT_TRUE(quick.wait_ids(2));
  EXPECT_LT(one.got().size() + other.got().size(), 20u) << "not behind all of theirs";
}

TEST_F(Subscribers, AReceiverWhoseAnswerIsLongHasTakenTheReport) {
  Receiver receiver;
  receiver.answer(200);
  receiver.say(std::string(1'000'000, 'x'));
  add_query();
  const auto s = subscribe(receiver.url());
  run({receiver.url() + "/"});
  ship(1, 1);
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.upto == 1; }));
  EXPECT_EQ(as_kept(s).failures, 0u);
  EXPECT_EQ(receiver.ids(), ids(1, 1));
}

TEST_F(Subscribers, AReceiverThatNeverAnswersIsLeftAfterItsTime) {
  Receiver silent;
  silent.answer(200, Millis{4000});
  add_query();
  const auto s = subscribe(silent.url());
  run({silent.url() + "/"});
  ship(1, 1);
  EXPECT_TRUE(becomes(s, [](const auto& k) { return k.failures == 1; }));
  EXPECT_EQ(silent.most_at_once(), 1);
  runner.reset();
}

}  // namespace
}  // namespace lotmark::node::test
