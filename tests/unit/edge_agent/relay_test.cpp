// Start signals that wait in the outbox: a stranger's key fills its own part and no other's.
#include "edge-agent/start/relay.h"

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class RelayTest : public testing::Test {
 protected:
  RelayTest() : outbox_(open()), relay_("yunhe", {}, outbox_, std::chrono::seconds(1)) {}
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
  std::size_t waiting_of(const Signer& key) {
    std::size_t n = 0;
    for (const auto& [id, s] : outbox_.starts()) n += peek(s.object)->kid == key.kid() ? 1 : 0;
    return n;
  }

  test::TempDir dir_;
  std::unique_ptr<Signer> agent_ = test::new_signer();
  std::unique_ptr<Signer> genuine_ = test::new_signer();
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

}  // namespace
}  // namespace lotmark::agent
