// Bundles and gaps as a small device writes them, against the C++ writer byte for byte and against the reader with all its
// checks. Only the CBOR and COSE primitives are shared; payload, tree and order of fields are written twice.
#include "core/embedded/bundle.h"

#include <gtest/gtest.h>

#include <random>

#include "core/crypto/p256.h"
#include "core/embedded/lost.h"
#include "core/wire/bundle_wire.h"
#include "firmware/app/crypto_mbedtls.h"

namespace lotmark::test {
namespace {

int counting_random(void*, std::uint8_t* out, std::size_t size) {
  static std::uint8_t next = 1;
  for (std::size_t i = 0; i < size; i++) out[i] = next++;
  return 0;
}

Digest digest_of(std::uint8_t byte) {
  Digest d;
  d.bytes.fill(byte);
  return d;
}

// One key behind both writers; both sign as RFC 6979 says.
class EmbeddedBundle : public testing::Test {
 protected:
  EmbeddedBundle() {
    scalar[31] = 0x51;
    hal.random = counting_random;
    EXPECT_EQ(lm_signer_init(&device, scalar.data(), &hal), 0);
    crypto = lm_signer_crypto(&device);
    signer = std::move(*signer_mbedtls(scalar));
    b.device = device.kid;
    b.life = life.data();
    b.seq = 1;
    b.boot = 3;
    b.made = 100000;
    b.clock = kLmClockUnset;
    b.channel = "temp";
    b.unit = "Cel";
    b.exp = -4;
  }
  ~EmbeddedBundle() override { lm_signer_free(&device); }

  void read(const std::vector<lm_reading>& list) {
    readings = list;
    b.readings = readings.data();
    b.count = readings.size();
  }
  int sign(Bytes& out) {
    out.assign(4096, 0xee);
    lm_cbor w;
    lm_cbor_init(&w, out.data(), out.size());
    const int failed = lm_bundle_sign(&w, chain.data(), &b, salt.data(), &crypto, id.bytes.data());
    out.resize(w.len);
    return failed;
  }
  // The same by the C++ writer.
  Bytes expected() const {
    Bundle made;
    made.device = signer->kid();
    std::copy(life.begin(), life.end(), made.life.bytes.begin());
    made.seq = b.seq;
    if (b.prev != nullptr) made.prev = digest_of(b.prev[0]);
    made.boot = b.boot;
    if (b.anchor != nullptr) made.anchor = Checkpoint{b.anchor->size, digest_of(b.anchor->root[0])};
    made.made = b.made;
    made.from = made.to = b.made;
    made.clock = static_cast<ClockState>(b.clock);
    Channel channel;
    channel.name = b.channel;
    channel.unit = b.unit;
    channel.exp = {b.exp};
    ChannelReadings columns;
    for (const auto& r : readings) {
      columns.times.push_back(r.t);
      columns.quantity.push_back(r.value);
    }
    if (!readings.empty()) {
      const auto node = *quantity_root(salt, 0, columns);
      channel.annotation = node.annotation;
      channel.root = node.hash;
      made.from = columns.times.front();
      made.to = columns.times.back();
    }
    if (b.gap != nullptr) {
      const auto place = b.gap->whole_device ? std::nullopt : std::optional<std::uint64_t>(0);
      made.gaps.push_back({place, b.gap->from, b.gap->to, static_cast<GapReason>(b.gap->reason)});
      made.from = readings.empty() ? b.gap->from : std::min(made.from, b.gap->from);
      made.to = readings.empty() ? b.gap->to : std::max(made.to, b.gap->to);
    }
    made.channels.push_back(channel);
    const auto sealed = *seal(made, *signer, chain);
    return encode_wire({sealed.bytes, salt, {columns}}, made.channels);
  }
  void expect_same() {
    Bytes out;
    ASSERT_EQ(sign(out), 0);
    EXPECT_EQ(out, expected());
    EXPECT_EQ(lm_bundle_bytes(chain.data(), &b), out.size());
    auto opened = open_wire(out, chain, [&](const Signed<Bundle>& signed_bundle) {
      return signed_bundle.verified_by(signer->public_key()) ? Errc::kOk : Errc::kCoseSignature;
    });
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->bundle.id, id);
  }

  std::array<std::uint8_t, 32> scalar{};
  lm_hal hal{};
  lm_signer device{};
  lm_crypto crypto{};
  std::unique_ptr<Signer> signer;
  const std::array<std::uint8_t, LM_LIFE_BYTES> life{1, 2, 3, 4, 5, 6, 7, 8};
  const Digest chain = digest_of(0xc4);
  const Digest salt = digest_of(0x5a);
  const Digest before = digest_of(0x77);
  const lm_checkpoint anchor = [] {
    lm_checkpoint c{70000, {}};
    std::fill_n(c.root, LM_DIGEST_BYTES, std::uint8_t{0xab});
    return c;
  }();
  std::vector<lm_reading> readings;
  lm_bundle b{};
  Digest id;
};

TEST_F(EmbeddedBundle, AnyNumberOfReadingsIsAsTheGatewayWritesIt) {
  std::mt19937_64 random(7);
  for (std::size_t count = 0; count <= LM_BUNDLE_READINGS_MAX; count++) {
    std::vector<lm_reading> list;
    std::uint64_t t = random() % 90000;
    for (std::size_t i = 0; i < count; i++) {
      list.push_back({t, static_cast<std::int64_t>(random() % 2000000) - 1000000});
      t += random() % 3 == 0 ? 0 : random() % 70000;
    }
    read(list);
    expect_same();
    if (HasFailure()) FAIL() << count << " readings";
  }
}

TEST_F(EmbeddedBundle, EveryFieldIsAsTheGatewayWritesIt) {
  read({{1000, 42500}});
  b.seq = 4711;
  b.prev = before.data();
  b.anchor = &anchor;
  b.boot = 9007199254740991u;
  b.made = 9007199254740991u;
  b.clock = kLmClockFreeRunning;
  b.exp = 18;
  expect_same();
  read({{1000, -9007199254740991}, {9007199254740991u, 9007199254740991}});
  expect_same();
}

TEST_F(EmbeddedBundle, GapsAreAsTheGatewayWritesThem) {
  const lm_gap lost{false, 500, 90000, kLmReasonSensorLost};
  const lm_gap power{true, 0, 0, kLmReasonPower};
  for (const lm_gap* gap : {&lost, &power}) {
    b.gap = gap;
    read({});
    expect_same();
    read({{1000, 1}, {2000, 2}});
    expect_same();
  }
}

TEST_F(EmbeddedBundle, OutOfRangeIsRefusedAndNothingIsSigned) {
  const auto refused = [&] {
    Bytes out;
    return lm_bundle_bytes(chain.data(), &b) == 0 && sign(out) == 1;
  };
  const lm_bundle good = b;
  const std::string long_name(33, 'n');
  const lm_checkpoint none{};
  const lm_gap backward{false, 2, 1, kLmReasonSensorLost};
  b.seq = 0;
  EXPECT_TRUE(refused());
  b = good;
  b.channel = "";
  EXPECT_TRUE(refused());
  b.channel = long_name.c_str();
  EXPECT_TRUE(refused());
  b = good;
  b.exp = 19;
  EXPECT_TRUE(refused());
  b = good;
  b.anchor = &none;
  EXPECT_TRUE(refused());
  b = good;
  b.gap = &backward;
  EXPECT_TRUE(refused());
  b = good;
  read({{2, 1}, {1, 1}});
  EXPECT_TRUE(refused());
  read({{std::uint64_t{1} << 53, 1}});
  EXPECT_TRUE(refused());
  read(std::vector<lm_reading>(LM_BUNDLE_READINGS_MAX + 1, {1, 1}));
  EXPECT_TRUE(refused());
}

TEST_F(EmbeddedBundle, TheLargestPayloadFits) {
  const std::string name(LM_CHANNEL_BYTES_MAX, 'n');
  const std::string unit(LM_UNIT_BYTES_MAX, 'u');
  constexpr std::uint64_t kMost = 9007199254740991u;
  const lm_checkpoint far{kMost, {}};
  const lm_gap gap{false, kMost, kMost, kLmReasonOutboxFull};
  b.channel = name.c_str();
  b.unit = unit.c_str();
  b.seq = b.boot = b.made = kMost;
  b.prev = before.data();
  b.anchor = &far;
  b.gap = &gap;
  read({{kMost - (std::uint64_t{1} << 40), -static_cast<std::int64_t>(kMost)},
        {kMost, 9007199254740991}});
  Bytes out;
  EXPECT_EQ(sign(out), 0);
}

TEST_F(EmbeddedBundle, GapObjectIsAsTheGatewayWritesIt) {
  const Digest last_id = digest_of(0x99);
  for (const std::uint8_t* prev : {before.data(), static_cast<const std::uint8_t*>(nullptr)}) {
    const lm_lost lost{device.kid, life.data(),    5,  9,
                       prev,       last_id.data(), 33, kLmReasonOutboxFull};
    Bytes out(LM_LOST_BYTES_MAX);
    lm_cbor w;
    lm_cbor_init(&w, out.data(), out.size());
    ASSERT_EQ(lm_lost_sign(&w, chain.data(), &lost, &crypto, id.bytes.data()), 0);
    out.resize(w.len);
    Gap made;
    made.device = signer->kid();
    std::copy(life.begin(), life.end(), made.life.bytes.begin());
    made.seq = 5;
    made.last = 9;
    if (prev != nullptr) made.prev = before;
    made.lost = last_id;
    made.readings = 33;
    made.reason = GapReason::kOutboxFull;
    EXPECT_EQ(out, seal(made, *signer, chain)->bytes);
    auto opened = lotmark::open<Gap>(out, chain);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->verified_by(signer->public_key()));
  }
  const lm_lost backward{device.kid, life.data(),    5, 4,
                         nullptr,    last_id.data(), 0, kLmReasonOutboxFull};
  Bytes out(LM_LOST_BYTES_MAX);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  EXPECT_EQ(lm_lost_sign(&w, chain.data(), &backward, &crypto, id.bytes.data()), 1);
}

}  // namespace
}  // namespace lotmark::test
