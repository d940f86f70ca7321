// How fast a backlog leaves beside what is new.
#include "edge-agent/uplink/uplink.h"
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

class UplinkPaceTest : public testing::Test {
 protected:
  UplinkPaceTest() : signer_(test::new_signer()) {
    auto opened = Outbox::open({dir_ / "outbox.db", signer_->kid(), test::chain(), "boot"});
    EXPECT_TRUE(opened);
    outbox_.emplace(std::move(*opened));
    seal_more(100);
    node_->subscribe("#", [this](const bus::Message&) { ++arrived_; });
    EXPECT_TRUE(node_->start());
    EXPECT_TRUE(bus_->start());
    hub_.pump();
  }
  void seal_more(int count) {
    Bundler b({test::chain(), 1000}, *signer_, outbox_->chain());
    const auto lane = b.add_lane(true);
    Batch batch;
    for (int i = 0; i < count; ++i) {
      const auto t = static_cast<std::int64_t>(outbox_->chain().seq + 1) * 1000 + i * 1000;
      EXPECT_TRUE(
          b.add(lane, test::quantity("t", t, i), from_ms(0), ClockState::kUnset, batch.sealed));
      EXPECT_TRUE(b.seal(lane, from_ms(0), ClockState::kUnset, batch.sealed));
    }
    batch.last = b.state().last;
    EXPECT_TRUE(outbox_->commit(batch));
  }
  std::size_t sent_at(Uplink& uplink, int ms) {
    EXPECT_TRUE(uplink.pump(t0_ + std::chrono::milliseconds(ms)));
    hub_.pump();
    return arrived_;
  }
  test::TempDir dir_;
  std::unique_ptr<Signer> signer_;
  std::optional<Outbox> outbox_;
  bus::MemoryHub hub_{true};
  std::unique_ptr<bus::Bus> node_ = hub_.connect();
  std::unique_ptr<bus::Bus> bus_ = hub_.connect();
  std::size_t arrived_ = 0;
  const Monotonic t0_ = std::chrono::steady_clock::now();
};

TEST_F(UplinkPaceTest, WhatWaitedIsSentAtItsRateAndWhatIsNewAtOnce) {
  Uplink uplink({"lotmark/v1/acme/line-1/bundle", 1000, 1h, 10}, *bus_, *outbox_, [] {});
  uplink.set_online(true, t0_);
  EXPECT_EQ(sent_at(uplink, 0), 10u) << "the bucket is full at first";
  EXPECT_EQ(sent_at(uplink, 50), 10u);
  EXPECT_EQ(uplink.deadline(), t0_ + 100ms);
  EXPECT_EQ(sent_at(uplink, 500), 15u);
  EXPECT_EQ(sent_at(uplink, 1500), 25u);
  EXPECT_EQ(sent_at(uplink, 10000), 35u) << "never more than the bucket holds";
  for (int s = 11; s <= 17; ++s) sent_at(uplink, s * 1000);
  EXPECT_EQ(arrived_, 100u);
  seal_more(50);
  EXPECT_EQ(sent_at(uplink, 17000), 150u);
}

TEST_F(UplinkPaceTest, WithoutARateAllGoesAtOnce) {
  Uplink uplink({"lotmark/v1/acme/line-1/bundle", 1000, 1h, 0}, *bus_, *outbox_, [] {});
  uplink.set_online(true, t0_);
  EXPECT_EQ(sent_at(uplink, 0), 100u);
}

}  // namespace
}  // namespace lotmark::agent
