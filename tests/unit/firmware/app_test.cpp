// The start-signal application on a board in memory. What it signs is opened by the C++ reader and
// checked with OpenSSL, neither of which shares code with it.
#include "firmware/app/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "core/crypto/p256.h"
#include "core/wire/device.h"
#include "core/wire/sign1.h"
#include "tests/unit/firmware/arrival.h"
#include "tests/unit/firmware/fake_hal.h"

namespace lotmark::test {
namespace {

constexpr std::uint8_t kChainByte = 0xc4;

class Device : public testing::Test {
 protected:
  ~Device() override { power_off(); }

  void write_page(bool with_chain) {
    const Digest chain = chain_of(kChainByte);
    board.page = factory_page("filler-3", with_chain ? chain.data() : nullptr);
  }
  lm_device_fault power_on() {
    power_off();
    app = std::make_unique<lm_app>();
    const lm_app_config config{"1.2.3", LM_APP_RESEND_MS};
    return lm_app_init(app.get(), &board.hal, &config);
  }
  void power_off() {
    if (app) lm_app_end(app.get());
    app.reset();
  }
  void pass(std::uint32_t ms) {
    for (std::uint32_t i = 0; i < ms; i += 5) {
      board.now_ms += 5;
      lm_app_poll(app.get());
    }
  }
  void press() {
    board.pressed = true;
    pass(50);
    board.pressed = false;
    pass(50);
  }
  void give(std::uint8_t type, const Bytes& body) {
    board.receive(encode_frame(type, body));
    pass(100);
  }
  std::vector<Bytes> starts() {
    std::vector<Bytes> out;
    for (auto& f : board.sent()) {
      if (f.type == kLmFrameStart) out.push_back(f.body);
    }
    return out;
  }
  PublicKey key() const {
    return *PublicKey::from({app->device.signer.public_key, LM_PUBLIC_KEY_BYTES});
  }
  Signed<Start> opened(const Bytes& object, const Digest& chain = chain_of(kChainByte)) {
    auto start = lotmark::open<Start>(object, chain);
    EXPECT_TRUE(start);
    if (!start) return {};
    EXPECT_TRUE(start->verified_by(key()));
    return *start;
  }

  FakeBoard board;
  std::unique_ptr<lm_app> app;
};

class EnrolledDevice : public Device {
 protected:
  void SetUp() override {
    write_page(true);
    ASSERT_EQ(power_on(), kLmDeviceOk);
  }
};

TEST_F(EnrolledDevice, SaysHelloAtPowerUpAndSignsNothingUnasked) {
  pass(10000);
  const auto sent = board.sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type, kLmFrameHello);
  EXPECT_THAT(sent[0].text(), testing::StartsWith("start-device version=1.2.3 boot=1 kid="));
  EXPECT_THAT(sent[0].text(), testing::EndsWith(" enrolled=yes machine=filler-3"));
}

TEST_F(EnrolledDevice, PressMakesOneStartSignalThatVerifies) {
  press();
  const auto sent = starts();
  ASSERT_EQ(sent.size(), 1u);
  const auto start = opened(sent[0]);
  EXPECT_EQ(start.kid, key_id(key()));
  EXPECT_EQ(start.body.device, start.kid);
  EXPECT_EQ(start.body.machine, "filler-3");
  EXPECT_EQ(start.body.boot, 1u);
  EXPECT_FALSE(start.body.anchor.has_value());
}

TEST_F(EnrolledDevice, SameBytesAreSentAgainUntilAcked) {
  press();
  pass(4 * LM_APP_RESEND_MS);
  const auto sent = starts();
  ASSERT_EQ(sent.size(), 5u);
  for (const auto& s : sent) EXPECT_EQ(s, sent[0]);
  give(kLmFrameAck, arrival_naming(opened(sent[0]).id));
  EXPECT_EQ(lm_app_pending(app.get()), 0u);
  pass(4 * LM_APP_RESEND_MS);
  EXPECT_TRUE(starts().empty());
}

TEST_F(EnrolledDevice, SendsAgainAcrossTheClocksWrap) {
  board.now_ms = 0xffffff00u;
  press();
  pass(LM_APP_RESEND_MS + 100);
  EXPECT_EQ(starts().size(), 2u);
}

TEST_F(EnrolledDevice, AckOfAnotherObjectChangesNothing) {
  press();
  (void)starts();
  give(kLmFrameAck, arrival_naming(chain_of(0x77)));
  give(kLmFrameAck, {});
  EXPECT_EQ(lm_app_pending(app.get()), 1u);
  pass(LM_APP_RESEND_MS);
  EXPECT_EQ(starts().size(), 1u);
}

TEST_F(EnrolledDevice, EachAckEndsItsOwnSignal) {
  press();
  press();
  const auto sent = starts();
  ASSERT_EQ(sent.size(), 2u);
  const auto first = opened(sent[0]);
  const auto second = opened(sent[1]);
  EXPECT_NE(first.body.nonce, second.body.nonce);
  EXPECT_NE(first.id, second.id);
  give(kLmFrameAck, arrival_naming(first.id));
  pass(LM_APP_RESEND_MS);
  EXPECT_THAT(starts(), testing::ElementsAre(sent[1]));
}

TEST_F(EnrolledDevice, DamagedAckIsNotTaken) {
  press();
  Bytes frame = encode_frame(kLmFrameAck, arrival_naming(opened(starts().at(0)).id));
  frame[20] = static_cast<std::uint8_t>(frame[20] ^ 0x40);
  board.receive(frame);
  pass(100);
  EXPECT_EQ(lm_app_pending(app.get()), 1u);
}

TEST_F(EnrolledDevice, LineThatFailsLosesNoSignal) {
  board.line_fails = true;
  press();
  board.line_fails = false;
  pass(LM_APP_RESEND_MS);
  EXPECT_EQ(starts().size(), 1u);
}

TEST_F(EnrolledDevice, PressBeyondThePendingIsRefusedAloud) {
  for (unsigned i = 0; i < LM_APP_PENDING_MAX; i++) press();
  EXPECT_EQ(starts().size(), LM_APP_PENDING_MAX);
  press();
  const auto sent = board.sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type, kLmFrameError);
  EXPECT_THAT(sent[0].text(), testing::StartsWith("press refused"));
}

TEST_F(EnrolledDevice, BounceIsOnePress) {
  for (int i = 0; i < 6; i++) {
    board.pressed = i % 2 == 0;
    pass(5);
  }
  board.pressed = true;
  pass(200);
  EXPECT_EQ(starts().size(), 1u);
}

TEST_F(EnrolledDevice, SpikeShorterThanTheDebounceIsNoPress) {
  board.pressed = true;
  pass(10);
  board.pressed = false;
  pass(100);
  EXPECT_TRUE(starts().empty());
}

TEST_F(EnrolledDevice, ContactClosedAtPowerUpIsNoPress) {
  board.pressed = true;
  ASSERT_EQ(power_on(), kLmDeviceOk);
  pass(1000);
  EXPECT_TRUE(starts().empty());
  board.pressed = false;
  pass(100);
  press();
  EXPECT_EQ(starts().size(), 1u);
}

TEST_F(EnrolledDevice, PressFrameActsAsTheButton) {
  give(kLmFramePress, {});
  EXPECT_EQ(starts().size(), 1u);
}

TEST_F(EnrolledDevice, AnchorGoesIntoTheNextSignalAndOnlyForward) {
  const auto anchor = [](std::uint8_t size, std::uint8_t fill) {
    Bytes body(40, fill);
    std::fill_n(body.begin(), 8, std::uint8_t{0});
    body[7] = size;
    return body;
  };
  give(kLmFrameAnchor, anchor(9, 0xaa));
  give(kLmFrameAnchor, anchor(8, 0xbb));
  give(kLmFrameAnchor, anchor(0, 0xbb));
  press();
  const auto start = opened(starts().at(0));
  ASSERT_TRUE(start.body.anchor.has_value());
  EXPECT_EQ(start.body.anchor->root, chain_of(0xaa));
  (void)board.sent();
  give(kLmFrameAnchor, Bytes(40, 0xff));
  give(kLmFrameAnchor, Bytes(39, 0x00));
  const auto sent = board.sent();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].type, kLmFrameError);
  EXPECT_EQ(sent[1].type, kLmFrameError);
}

TEST_F(EnrolledDevice, UnknownFramesAndNoiseAreIgnored) {
  board.sent();
  give(200, {1, 2, 3});
  give(kLmFrameStart, {1});
  board.receive(Bytes(700, 0xaa));
  pass(200);
  board.receive({0});
  give(kLmFramePress, {});
  EXPECT_EQ(board.sent().size(), 1u);
}

TEST_F(EnrolledDevice, BootCountOfEveryPowerUpIsInItsSignals) {
  for (std::uint64_t boot = 2; boot < 6; boot++) {
    ASSERT_EQ(power_on(), kLmDeviceOk);
    press();
    EXPECT_EQ(opened(starts().at(0)).body.boot, boot);
  }
}

TEST_F(EnrolledDevice, PowerLossWhileCountingNeverRepeatsABootCount) {
  std::uint64_t last = 1;
  for (std::size_t cut = 0; cut <= 16; cut++) {
    board.cut_after = cut;
    EXPECT_EQ(power_on(), kLmDeviceNoBootCount);
    press();
    EXPECT_TRUE(starts().empty());
    board.cut_after.reset();
    board.nv_fails = false;
    ASSERT_EQ(power_on(), kLmDeviceOk);
    press();
    const std::uint64_t boot = opened(starts().at(0)).body.boot;
    EXPECT_GT(boot, last);
    last = boot;
  }
}

TEST_F(EnrolledDevice, OtherChainIsRefusedAndTheSameConfirmed) {
  (void)board.sent();
  give(kLmFrameEnrol, Bytes(32, 0x01));
  give(kLmFrameEnrol, Bytes(32, kChainByte));
  give(kLmFrameEnrol, Bytes(31, kChainByte));
  const auto sent = board.sent();
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_THAT(sent[0].text(), testing::HasSubstr("another chain"));
  EXPECT_EQ(sent[1], (Frame{kLmFrameError, {}}));
  EXPECT_THAT(sent[2].text(), testing::HasSubstr("32 bytes"));
  press();
  (void)opened(starts().at(0));
}

TEST_F(EnrolledDevice, FailingGeneratorMakesNoSignal) {
  (void)board.sent();
  board.random_fails = true;
  press();
  const auto sent = board.sent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].type, kLmFrameError);
  EXPECT_EQ(lm_app_pending(app.get()), 0u);
}

TEST_F(Device, SignsNothingWithoutChainUntilEnrolled) {
  write_page(false);
  ASSERT_EQ(power_on(), kLmDeviceOk);
  EXPECT_THAT(board.sent().at(0).text(), testing::HasSubstr("enrolled=no"));
  press();
  give(kLmFramePress, {});
  pass(2 * LM_APP_RESEND_MS);
  for (const auto& f : board.sent()) {
    EXPECT_EQ(f.type, kLmFrameError);
    EXPECT_THAT(f.text(), testing::StartsWith("not enrolled"));
  }
  give(kLmFrameEnrol, Bytes(32, 0x5a));
  EXPECT_EQ(board.sent().at(0), (Frame{kLmFrameError, {}}));
  press();
  (void)opened(starts().at(0), chain_of(0x5a));
  ASSERT_EQ(power_on(), kLmDeviceOk);  // and it is kept
  press();
  (void)opened(starts().at(0), chain_of(0x5a));
}

TEST_F(Device, FaultsAreSaidAndNothingIsSigned) {
  struct Case {
    const char* name;
    std::size_t at;
    std::size_t size;
    lm_device_fault fault;
  };
  for (const Case& c :
       {Case{"identity", 0, 320, kLmDeviceNoIdentity}, {"boot", 448, 64, kLmDeviceNoBootCount}}) {
    write_page(true);
    std::fill_n(board.page.begin() + static_cast<std::ptrdiff_t>(c.at), c.size, std::uint8_t{0xff});
    EXPECT_EQ(power_on(), c.fault) << c.name;
    press();
    give(kLmFramePress, {});
    give(kLmFrameEnrol, Bytes(32, 1));
    for (const auto& f : board.sent()) {
      EXPECT_TRUE(f.type == kLmFrameError || f.type == kLmFrameHello) << c.name;
    }
  }
  board.nv_fails = true;
  EXPECT_EQ(power_on(), kLmDeviceNvUnreadable);
}

// What a board without a random generator hands to its HAL.
struct Seeding {
  std::vector<std::uint64_t> boots;
  Bytes secret;
  bool fails = false;
};
Seeding* seeding = nullptr;

int seed_random(void*, const std::uint8_t secret[LM_SECRET_BYTES], std::uint64_t boot) {
  if (seeding->fails) return 1;
  seeding->secret.assign(secret, secret + LM_SECRET_BYTES);
  seeding->boots.push_back(boot);
  return 0;
}

TEST_F(Device, GeneratorIsSeededWithABootNeverUsedBefore) {
  write_page(true);
  Seeding seen;
  seeding = &seen;
  board.hal.seed_random = seed_random;
  for (int i = 0; i < 3; i++) ASSERT_EQ(power_on(), kLmDeviceOk);
  EXPECT_EQ(seen.boots, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(seen.secret, Bytes(LM_SECRET_BYTES, 0x5e));
  seen.fails = true;
  EXPECT_EQ(power_on(), kLmDeviceNoRandom);
  press();
  EXPECT_TRUE(starts().empty());
}

TEST_F(Device, KeyOutOfRangeIsAFault) {
  for (const auto fill : {std::uint8_t{0x00}, std::uint8_t{0xff}}) {
    lm_nv_identity identity{};
    std::memset(identity.key, fill, sizeof identity.key);
    identity.machine[0] = 'm';
    identity.machine_size = 1;
    const Digest chain = chain_of(kChainByte);
    ASSERT_TRUE(lm_nv_make_page(&identity, chain.data(), board.page.data()));
    EXPECT_EQ(power_on(), kLmDeviceKeyBad);
    press();
    EXPECT_TRUE(starts().empty());
  }
}

}  // namespace
}  // namespace lotmark::test
