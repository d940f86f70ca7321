// Start signals that wait in the outbox: a stranger's key fills its own part and no other's, and a reviewer that was away
// hears them all the same.
#include "edge-agent/start/relay.h"

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class RelayTest : public testing::Test {
 protected:
  RelayTest()
      : bus_(hub_.connect()),
        outbox_(open()),
        relay_("yunhe", {bus_.get()}, outbox_, {east_->kid(), west_->kid()},
               std::chrono::seconds(1)) {
    bus_->subscribe("#", [this](const bus::Message&) { ++sent_; });
    EXPECT_TRUE(bus_->start());
  }
  Outbox open() {
    auto o = Outbox::open({dir_ / "outbox.db", agent_->kid(), test::chain(), "boot-1"});
    if (!o) std::abort();
    return std::move(*o);
  }
  Bytes signal(const Signer& key) {
    Start s;
    s.device = key.kid();
    s.machine = "filler";
    s.boot = ++boot_;
    return seal(s, key, test::chain())->bytes;
  }
  // As the agent does with what a device says; false if it is refused.
  bool say(const Signer& key) {
    auto start = relay_.take("filler-1", signal(key), test::chain());
    if (!start) return false;
    Batch batch;
    if (auto gone = relay_.makes_room(**start)) batch.starts.push_back(*gone);
    batch.starts.push_back(**start);
    EXPECT_TRUE(outbox_.commit(batch));
    return true;
  }
  // Sent at `at`, how often since the last time.
  int sends(Monotonic at) {
    relay_.pump(at);
    hub_.pump();
    return std::exchange(sent_, 0);
  }
  Digest only() { return outbox_.starts().begin()->first; }
  bool answer(const Signer& key, bool enterprise, const Digest& start) {
    Arrival body;
    body.object = start;
    const auto row = relay_.answered({body, {}, key.kid(), enterprise, !enterprise});
    if (!row) return false;
    Batch batch;
    batch.starts = {*row};
    return static_cast<bool>(outbox_.commit(batch));
  }
  std::size_t waiting_of(const Signer& key) {
    std::size_t n = 0;
    for (const auto& [id, s] : outbox_.starts()) n += peek(s.object)->kid == key.kid() ? 1 : 0;
    return n;
  }

  test::TempDir dir_;
  bus::MemoryHub hub_{true};
  int sent_ = 0;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<Signer> agent_ = test::new_signer();
  std::unique_ptr<Signer> genuine_ = test::new_signer();
  std::unique_ptr<Signer> plant_ = test::new_signer();
  std::unique_ptr<Signer> east_ = test::new_signer();
  std::unique_ptr<Signer> west_ = test::new_signer();
  Outbox outbox_;
  StartRelay relay_;
  std::uint64_t boot_ = 0;
};

TEST_F(RelayTest, OneKeyHasAHundredAndNoMore) {
  const auto stranger = test::new_signer();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(say(*stranger)) << i;
  EXPECT_FALSE(say(*stranger));
  EXPECT_TRUE(say(*genuine_)) << "it blocks nobody else";
}

TEST_F(RelayTest, WhoFillsItGivesWay) {
  std::vector<std::unique_ptr<Signer>> strangers;
  for (int k = 0; k < 4; ++k) {
    strangers.push_back(test::new_signer());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(say(*strangers.back()));
  }
  EXPECT_TRUE(say(*genuine_));
  EXPECT_TRUE(say(*genuine_));
  EXPECT_EQ(waiting_of(*genuine_), 2u);
  EXPECT_EQ(outbox_.starts().size(), 400u);
}

TEST_F(RelayTest, WhatNobodyAnswersIsLetGoInTheEnd) {
  ASSERT_TRUE(say(*genuine_));
  const Monotonic now{};
  EXPECT_TRUE(relay_.expired(now).empty());
  EXPECT_TRUE(relay_.expired(now + StartRelay::kUnansweredMax - std::chrono::hours(1)).empty());
  const auto gone = relay_.expired(now + StartRelay::kUnansweredMax);
  ASSERT_EQ(gone.size(), 1u);
  Batch batch;
  batch.starts = gone;
  ASSERT_TRUE(outbox_.commit(batch));
  EXPECT_TRUE(outbox_.starts().empty());
}

TEST_F(RelayTest, AReviewerThatWasAwayHearsItLater) {
  ASSERT_TRUE(say(*genuine_));
  const Monotonic now{};
  EXPECT_EQ(sends(now), 1);
  EXPECT_TRUE(answer(*plant_, true, only()));
  EXPECT_TRUE(answer(*west_, false, only()));
  EXPECT_EQ(relay_.unanswered(), 0u) << "a lot may be opened";
  EXPECT_EQ(sends(now + std::chrono::milliseconds(900)), 0);
  EXPECT_EQ(sends(now + std::chrono::seconds(1)), 1) << "east has not heard it";
  EXPECT_FALSE(answer(*west_, false, only())) << "nothing new";
  EXPECT_TRUE(answer(*east_, false, only()));
  EXPECT_TRUE(outbox_.starts().empty());
}

TEST_F(RelayTest, WhatOneReviewerLacksIsAskedOfAllAgainAfterARestart) {
  ASSERT_TRUE(say(*genuine_));
  ASSERT_TRUE(answer(*plant_, true, only()));
  ASSERT_TRUE(answer(*west_, false, only()));
  StartRelay again("yunhe", {}, outbox_, {east_->kid(), west_->kid()}, std::chrono::seconds(1));
  Arrival body;
  body.object = only();
  EXPECT_FALSE(again.answered({body, {}, east_->kid(), false, true})) << "west is not known to";
  const auto row = again.answered({body, {}, west_->kid(), false, true});
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->let_go);
}

TEST_F(RelayTest, AReviewerThatStaysAwayIsAskedSeldomAndForADay) {
  ASSERT_TRUE(say(*genuine_));
  ASSERT_TRUE(answer(*plant_, true, only()));
  ASSERT_TRUE(answer(*west_, false, only()));
  const Monotonic now{};
  int sent = 0;
  for (int s = 0; s < 3600; ++s) sent += sends(now + std::chrono::seconds(s));
  EXPECT_GT(sent, 12);
  EXPECT_LT(sent, 60);
  EXPECT_TRUE(relay_.expired(now + std::chrono::hours(23)).empty());
  const auto gone = relay_.expired(now + StartRelay::kOthersMax);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_TRUE(gone[0].let_go);
}

TEST_F(RelayTest, AReviewerThatStaysAwayStopsNoMachine) {
  Batch batch;
  for (int i = 0; i < 400; ++i) {
    auto start = **relay_.take("filler-1", signal(*genuine_), test::chain());
    start.by_enterprise = start.by_reviewer = true;
    batch.starts.push_back(start);
  }
  Batch first;
  first.starts = {batch.starts[7]};
  ASSERT_TRUE(outbox_.commit(first));
  relay_.pump(Monotonic{});
  ASSERT_TRUE(outbox_.commit(batch));
  relay_.pump(Monotonic{} + std::chrono::seconds(1));
  EXPECT_TRUE(say(*genuine_));
  EXPECT_EQ(outbox_.starts().size(), 400u);
  EXPECT_FALSE(outbox_.starts().contains(batch.starts[7].id)) << "the one answered first";
}

}  // namespace
}  // namespace lotmark::agent
