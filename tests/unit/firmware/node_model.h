// A node as far as one device's log goes (docs/format/device.md): opens what comes with the C++ reader and all its checks,
// keeps lives and positions, and answers with acks.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/crypto/p256.h"
#include "core/wire/bundle_wire.h"

namespace lotmark::test {

constexpr std::uint64_t kWindowMs = 60000;

inline Digest digest_of(std::uint8_t byte) {
  Digest d;
  d.bytes.fill(byte);
  return d;
}

class NodeModel {
 public:
  explicit NodeModel(const PublicKey& key)
      : key_(key), signer_(std::move(*signer_mbedtls(Bytes(32, 7)))) {}

  // Takes one body of a bundle frame; what is refused is said in the next ack.
  void take(const Bytes& body, const Digest& chain) {
    if (body.at(0) == 0xd2) return take_gap(body, chain);
    auto opened = open_wire(body, chain, [&](const Signed<Bundle>& b) {
      return b.verified_by(key_) ? Errc::kOk : Errc::kCoseSignature;
    });
    ASSERT_TRUE(opened) << opened.error().message();
    const Bundle& b = opened->bundle.body;
    EXPECT_EQ(b.from / kWindowMs, b.to / kWindowMs) << "crosses a window";
    if (!place(b.life, b.seq, b.seq, b.prev)) return;
    id = opened->bundle.id;
    bundles.push_back(b);
    for (std::size_t i = 0; i < opened->channels.at(0).times.size(); i++) {
      readings.emplace_back(opened->channels[0].times[i], opened->channels[0].quantity[i]);
    }
  }
  Bytes ack() {
    Ack a;
    a.device = key_id(key_);
    a.life = life;
    a.through = seq;
    if (seq != 0) a.id = id;
    a.time = ++time;
    a.size = 9;
    a.checkpoint = Checkpoint{3, digest_of(0x31)};
    a.refused = std::exchange(refused, {});
    return seal(a, *signer_, digest_of(0xc4))->bytes;
  }

  LifeId life{};
  std::uint64_t seq = 0;
  std::uint64_t time = 5;
  std::optional<Digest> id;
  std::vector<Bundle> bundles;
  std::vector<Gap> gaps;
  std::vector<std::pair<std::uint64_t, std::int64_t>> readings;
  std::vector<AckRefusal> refused;

 private:
  void take_gap(const Bytes& body, const Digest& chain) {
    auto opened = lotmark::open<Gap>(body, chain);
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_TRUE(opened->verified_by(key_));
    const Gap& g = opened->body;
    if (!place(g.life, g.seq, g.last, g.prev)) return;
    id = g.lost;
    gaps.push_back(g);
  }
  bool place(const LifeId& of, std::uint64_t first, std::uint64_t last,
             const std::optional<Digest>& prev) {
    if (of != life) {
      life = of;
      seq = 0;
      id.reset();
    }
    if (last <= seq) return false;
    if (first > seq + 1) {
      refused.push_back({first, static_cast<std::uint64_t>(Errc::kNeedSeq)});
      return false;
    }
    EXPECT_TRUE(first <= seq || prev == id) << "does not follow";
    seq = last;
    return true;
  }

  PublicKey key_;
  std::unique_ptr<Signer> signer_;
};

}  // namespace lotmark::test
