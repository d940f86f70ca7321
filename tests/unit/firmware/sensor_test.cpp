// The sensor node on a board in memory, before a node that keeps to docs/format/device.md: what it sends is opened by the C++
// reader with all its checks, and has to follow what came before.
#include "firmware/app/sensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <set>

#include "tests/unit/firmware/fake_hal.h"
#include "tests/unit/firmware/node_model.h"

namespace lotmark::test {
namespace {

std::int32_t temperature = 0;
bool sensor_there = true;

int read_sensor(void*, std::int32_t* value) {
  *value = temperature;
  temperature += 625;
  return sensor_there ? 0 : 1;
}

class SensorNode : public testing::Test {
 protected:
  void SetUp() override {
    temperature = 42500;
    sensor_there = true;
    board.page = factory_page("cold-room-2", chain.data());
    ASSERT_EQ(power_on(), kLmDeviceOk);
    node = std::make_unique<NodeModel>(key());
  }
  void TearDown() override { power_off(); }

  lm_device_fault power_on() {
    power_off();
    app = std::make_unique<lm_sensor>();
    const lm_sensor_config config{"1.2.3", "temp", "Cel", -4, 15, 60, 5000, read_sensor};
    return lm_sensor_init(app.get(), &board.hal, &config);
  }
  void power_off() {
    if (app) lm_sensor_end(app.get());
    app.reset();
  }
  PublicKey key() const {
    return *PublicKey::from({app->device.signer.public_key, LM_PUBLIC_KEY_BYTES});
  }

  // Time goes by; `online`: what is sent reaches the node, and its acks the device.
  void pass(std::uint32_t seconds, bool online = true) {
    for (std::uint32_t i = 0; i < seconds * 10; i++) {
      board.now_ms += 100;
      lm_sensor_poll(app.get());
      const auto sent = board.sent();
      if (online && deliver(sent)) board.receive(encode_frame(kLmFrameAck, node->ack()));
    }
  }
  bool deliver(const std::vector<Frame>& sent) {
    bool any = false;
    for (const auto& f : sent) {
      if (f.type == kLmFrameError) errors.push_back(f.text());
      if (f.type != kLmFrameBundle) continue;
      node->take(f.body, chain);
      any = true;
    }
    return any;
  }
  // Every reading is with the node once, in its place, or in what a gap says is lost.
  void expect_all(std::size_t count) const {
    ASSERT_EQ(node->readings.size(), count);
    for (std::size_t i = 0; i < count; i++) EXPECT_EQ(node->readings[i].first, 2000 + 15000 * i);
  }

  void give_time(std::uint64_t ms) {
    Bytes body;
    for (int shift = 56; shift >= 0; shift -= 8) {
      body.push_back(static_cast<std::uint8_t>(ms >> shift));
    }
    board.receive(encode_frame(kLmFrameTime, body));
    lm_sensor_poll(app.get());
  }

  static constexpr std::uint64_t kNow = 1767600000000;
  const Digest chain = digest_of(0xc4);
  FakeBoard board;
  std::unique_ptr<lm_sensor> app;
  std::unique_ptr<NodeModel> node;
  std::vector<std::string> errors;
};

TEST_F(SensorNode, EveryReadingReachesTheNodeInItsWindow) {
  pass(601);
  expect_all(40);
  EXPECT_EQ(node->bundles.size(), 10u);
  EXPECT_EQ(lm_sensor_kept(app.get()), 0u);
  EXPECT_EQ(node->readings[1].second - node->readings[0].second, 625);
  for (const auto& b : node->bundles) {
    EXPECT_EQ(b.clock, ClockState::kUnset);
    EXPECT_EQ(b.boot, 1u);
    EXPECT_EQ(b.channels.at(0).name, "temp");
    EXPECT_TRUE(b.gaps.empty());
  }
}

TEST_F(SensorNode, PageSetsTheInterval) {
  lm_nv_identity identity{};
  identity.key[31] = 5;
  identity.machine[0] = 'm';
  identity.machine_size = 1;
  identity.interval_s = 2;
  ASSERT_TRUE(lm_nv_make_page(&identity, chain.data(), board.page.data()));
  ASSERT_EQ(power_on(), kLmDeviceOk);
  node = std::make_unique<NodeModel>(key());
  pass(120);
  ASSERT_GE(node->readings.size(), 30u);
  EXPECT_EQ(node->readings[2].first - node->readings[1].first, 2000u);
}

TEST_F(SensorNode, OutageWithinItsMemoryLosesNothing) {
  pass(60);
  pass(300, false);
  pass(120);
  EXPECT_TRUE(node->gaps.empty());
  expect_all(32);
}

TEST_F(SensorNode, LongerOutageLeavesASignedGapThatCoversTheRest) {
  pass(60);
  const std::size_t before = node->readings.size();
  pass(3600, false);
  EXPECT_EQ(lm_sensor_kept(app.get()), LM_SENSOR_KEPT_MAX);
  pass(120);
  ASSERT_EQ(node->gaps.size(), 1u);
  const Gap& gap = node->gaps[0];
  EXPECT_EQ(gap.reason, GapReason::kOutboxFull);
  EXPECT_EQ(node->seq, app->seq);
  EXPECT_GT(node->readings.size(), before);
  EXPECT_EQ(node->readings.size() + gap.readings + app->count, 1 + 3778u / 15);
}

TEST_F(SensorNode, GapThatGrewIsSealedAnewAndNodeThatTookTheFirstTakesTheRest) {
  pass(1200, false);
  board.sent();
  pass(6, false);  // the first gap is on its way, unanswered
  ASSERT_NE(app->hole.seq, 0u);
  const std::uint64_t first_end = app->hole.last;
  pass(600, false);
  EXPECT_GT(app->hole.last, first_end);
  pass(60);
  EXPECT_EQ(app->hole.seq, 0u);
  EXPECT_EQ(node->seq, app->seq);
}

TEST_F(SensorNode, AcksLostAndFramesLostLeaveNoHole) {
  std::uint32_t dice = 1;
  for (int i = 0; i < 200; i++) {
    dice = dice * 1664525u + 1013904223u;
    pass(7, (dice >> 24) % 3 == 0);
  }
  pass(120);
  EXPECT_EQ(node->seq, app->seq);
  std::uint64_t lost = 0;
  for (const auto& g : node->gaps) lost += g.readings;
  EXPECT_LE(node->readings.size() + lost + app->count, 1 + 1520u / 15);
  EXPECT_GE(node->readings.size() + lost + app->count, 1520u / 15);
}

TEST_F(SensorNode, SensorThatDoesNotAnswerIsADeclaredGap) {
  pass(50);
  sensor_there = false;
  pass(130);
  sensor_there = true;
  pass(120);
  std::vector<DeclaredGap> gaps;
  for (const auto& b : node->bundles) gaps.insert(gaps.end(), b.gaps.begin(), b.gaps.end());
  ASSERT_GE(gaps.size(), 2u);
  for (const auto& g : gaps) {
    EXPECT_EQ(g.reason, GapReason::kSensorLost);
    EXPECT_EQ(g.channel, 0u);
  }
  EXPECT_EQ(gaps.front().from, 62000u);
  EXPECT_EQ(gaps.back().to, 167000u);
}

TEST_F(SensorNode, PowerUpBeginsALifeThatSaysSo) {
  pass(70);
  const LifeId first = node->life;
  ASSERT_EQ(power_on(), kLmDeviceOk);
  pass(70);
  EXPECT_NE(node->life, first);
  const auto opening = std::find_if(node->bundles.begin(), node->bundles.end(),
                                    [&](const Bundle& b) { return b.life == node->life; });
  ASSERT_NE(opening, node->bundles.end());
  EXPECT_EQ(opening->boot, 2u);
  ASSERT_EQ(opening->gaps.size(), 1u);
  EXPECT_EQ(opening->gaps[0], (DeclaredGap{std::nullopt, 0, 0, GapReason::kPower}));
}

TEST_F(SensorNode, TimeFromTheGatewayDatesWhatComesNext) {
  pass(61);
  give_time(kNow);
  pass(180);
  const auto& all = node->bundles;
  ASSERT_GE(all.size(), 4u);
  EXPECT_EQ(all.front().clock, ClockState::kUnset);
  EXPECT_LT(all.front().to, 61000u);
  EXPECT_EQ(all.back().clock, ClockState::kFreeRunning);
  const auto first_dated = std::find_if(node->readings.begin(), node->readings.end(),
                                        [](const auto& r) { return r.first > kNow; });
  ASSERT_NE(first_dated, node->readings.end());
  EXPECT_EQ(first_dated->first, kNow + 1000);  // due at 62 s
}

TEST_F(SensorNode, TimeGivenAtOnceDatesWhatThePowerTook) {
  ASSERT_EQ(power_on(), kLmDeviceOk);
  give_time(kNow);
  pass(70);
  ASSERT_FALSE(node->bundles.empty());
  const Bundle& first = node->bundles.front();
  EXPECT_EQ(first.clock, ClockState::kFreeRunning);
  ASSERT_EQ(first.gaps.size(), 1u);
  EXPECT_EQ(first.gaps[0], (DeclaredGap{std::nullopt, kNow, kNow, GapReason::kPower}));
}

TEST_F(SensorNode, SignedTimeNeverFallsAndAGatewayFarBackIsNotBelieved) {
  give_time(kNow);
  pass(100);
  give_time(kNow + 92000);  // 8 s back: it waits
  pass(100);
  give_time(kNow - 3600000);
  pass(100);
  EXPECT_THAT(errors, testing::ElementsAre(testing::HasSubstr("far back")));
  give_time(kNow + 7200000);  // forward at once
  pass(130);
  for (std::size_t i = 1; i < node->readings.size(); i++) {
    EXPECT_GE(node->readings[i].first, node->readings[i - 1].first);
  }
  EXPECT_GE(node->readings.back().first, kNow + 7200000);
  EXPECT_LE(node->readings.back().first, kNow + 7200000 + 130000);
}

TEST_F(SensorNode, TimeThatIsNoneIsRefused) {
  for (const Bytes& body : {Bytes{}, Bytes(7, 0), Bytes(8, 0xff), Bytes(9, 0)}) {
    board.receive(encode_frame(kLmFrameTime, body));
  }
  pass(70);
  EXPECT_EQ(errors.size(), 4u);
  EXPECT_EQ(node->bundles.at(0).clock, ClockState::kUnset);
}

TEST_F(SensorNode, AnchorsGoIntoWhatIsSealedNext) {
  Bytes body(40, 0xab);
  std::fill_n(body.begin(), 8, std::uint8_t{0});
  body[7] = 9;
  board.receive(encode_frame(kLmFrameAnchor, body));
  pass(70);
  ASSERT_FALSE(node->bundles.empty());
  EXPECT_EQ(node->bundles[0].anchor, (Checkpoint{9, digest_of(0xab)}));
}

// The largest a bundle gets: an anchor given late, big numbers. It has to stay within a frame.
TEST_F(SensorNode, NoBundleIsTooLargeForAFrame) {
  Bytes body(40, 0xab);
  std::fill_n(body.begin(), 8, std::uint8_t{0});
  body[1] = 0x1f;
  app->now_ms = 1ull << 40;
  app->due_ms = app->now_ms;
  app->seq = 1ull << 33;
  std::memset(app->id, 0x42, sizeof app->id);
  app->acked = app->seq;
  temperature = -400000;
  for (int i = 0; i < 300; i++) {
    if (i == 7) board.receive(encode_frame(kLmFrameAnchor, body));
    pass(1, false);
  }
  EXPECT_FALSE(app->failed);
  EXPECT_GE(lm_sensor_kept(app.get()), 4u);
}

TEST_F(SensorNode, AckOfAnotherLogOrAnotherObjectIsPassedOver) {
  pass(100, false);
  const std::size_t kept = lm_sensor_kept(app.get());
  ASSERT_GT(kept, 0u);
  std::copy_n(app->life, LM_LIFE_BYTES, node->life.bytes.begin());
  node->seq = 1;
  node->id = digest_of(0x13);  // not the id of its first bundle
  board.receive(encode_frame(kLmFrameAck, node->ack()));
  pass(1, false);
  EXPECT_EQ(lm_sensor_kept(app.get()), kept);
  node->seq = 99;  // more than was sealed
  board.receive(encode_frame(kLmFrameAck, node->ack()));
  pass(1, false);
  EXPECT_EQ(lm_sensor_kept(app.get()), kept);
  node->life.bytes.fill(0x66);
  board.receive(encode_frame(kLmFrameAck, node->ack()));
  pass(1, false);
  EXPECT_EQ(lm_sensor_kept(app.get()), kept);
}

TEST_F(SensorNode, NodeThatLostWhatItAckedGetsANewLife) {
  pass(300);
  const LifeId first = node->life;
  ASSERT_GT(node->seq, 2u);
  node->seq = 1;  // its disk was put back
  node->id = digest_of(0x01);
  pass(200);
  EXPECT_NE(node->life, first);
  EXPECT_EQ(node->seq, app->seq);
  EXPECT_THAT(errors, testing::Contains(testing::HasSubstr("a new life begins")));
}

TEST_F(SensorNode, AckThatWasOvertakenChangesNothing) {
  pass(70);
  node->refused = {{9, static_cast<std::uint64_t>(Errc::kNeedSeq)}};
  const Bytes early = node->ack();
  const LifeId first = node->life;
  pass(300);
  ASSERT_GT(app->acked, 1u);
  board.receive(encode_frame(kLmFrameAck, early));
  pass(70);
  EXPECT_EQ(node->life, first);
  EXPECT_TRUE(errors.empty());
}

TEST_F(SensorNode, RefusalIsSaidOnce) {
  pass(65, false);
  std::copy_n(app->life, LM_LIFE_BYTES, node->life.bytes.begin());
  for (int i = 0; i < 3; i++) {
    node->refused = {{1, static_cast<std::uint64_t>(Errc::kKeyRevoked)}};
    board.receive(encode_frame(kLmFrameAck, node->ack()));
  }
  board.now_ms += 100;
  for (int i = 0; i < 40; i++) lm_sensor_poll(app.get());
  std::vector<std::string> said;
  for (const auto& f : board.sent()) {
    if (f.type == kLmFrameError) said.push_back(f.text());
  }
  EXPECT_THAT(said,
              testing::ElementsAre(testing::StartsWith("bundle 1 refused by the node: error ")));
}

TEST_F(SensorNode, SignsNothingBeforeItIsEnrolledAndBeginsThen) {
  board.page = factory_page("cold-room-2", nullptr);
  ASSERT_EQ(power_on(), kLmDeviceOk);
  pass(120);
  EXPECT_TRUE(node->bundles.empty());
  board.receive(encode_frame(kLmFrameEnrol, to_bytes(chain.view())));
  pass(130);
  EXPECT_FALSE(node->bundles.empty());
}

TEST_F(SensorNode, FailingGeneratorEndsItAloud) {
  pass(70);
  const auto sealed = app->seq;
  board.random_fails = true;
  pass(300);
  EXPECT_EQ(app->seq, sealed);
  EXPECT_THAT(errors, testing::ElementsAre(testing::StartsWith("no more bundles")));
}

}  // namespace
}  // namespace lotmark::test
