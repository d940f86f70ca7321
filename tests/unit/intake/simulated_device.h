// A device as a small language: device.bundle({{t, v}, ...}), device.gap(3), and what may go wrong with either.
#pragma once

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/bus/bus.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::test {

inline constexpr std::uint64_t kHour = 3600'000;
inline constexpr std::uint64_t kStart = 1767600000000;  // 2026-01-05T08:00:00Z
inline const std::string kOrganisation = "acme";

inline Digest test_chain() {
  Digest d;
  d.bytes.fill(0xc4);
  return d;
}

inline std::unique_ptr<Signer> test_signer(std::uint8_t number) {
  auto s = signer_openssl(Bytes(32, number));
  return std::move(*s);
}

class SimulatedDevice {
 public:
  SimulatedDevice(std::string name, std::uint8_t number)
      : name_(std::move(name)), signer_(test_signer(number)), life_(random_fixed<LifeId>()) {}

  using Readings = std::vector<std::pair<std::uint64_t, std::int64_t>>;
  // A bundle before it is signed; `wire` holds what travels beside it.
  struct Draft {
    Bundle body;
    BundleWire wire;
  };
  using Change = std::function<void(Draft&)>;

  // The next bundle of the log, as a message. `before` changes what is signed, `after` only what is sent.
  bus::Message bundle(const Readings& readings, const Change& before = {},
                      const Change& after = {}) {
    Draft d = draft(readings);
    if (before) before(d);
    bus::Message m = seal_draft(d, after);
    seq = d.body.seq;
    end = id;
    return m;
  }
  // The same, but the device stands where it stood: it was never the next of its log.
  bus::Message stray(const Readings& readings, const Change& before = {},
                     const Change& after = {}) {
    const auto at = std::pair(seq, end);
    bus::Message m = bundle(readings, before, after);
    std::tie(seq, end) = at;
    return m;
  }

  // The next `count` seqs are lost.
  Gap gap_draft(std::uint64_t count) {
    Gap g;
    g.device = kid();
    g.life = life_;
    g.seq = seq + 1;
    g.last = seq + count;
    g.prev = end;
    g.reason = GapReason::kOutboxFull;
    return g;
  }
  bus::Message gap(std::uint64_t count) { return send(gap_draft(count)); }
  bus::Message send(const Gap& g) {
    auto sealed = seal(g, *signer_, chain);
    id = sealed->id;
    seq = g.last;
    end = g.lost;
    return message(sealed->bytes);
  }

  void new_life() {
    life_ = random_fixed<LifeId>();
    seq = 0;
  }

  bus::Message message(Bytes payload) const { return {topic("bundle"), std::move(payload)}; }
  std::string topic(const std::string& kind) const {
    return bus::to_string({kOrganisation, name_, kind});
  }
  chain::Enrolled enrolled(EnrolmentKind kind = EnrolmentKind::kDevice) const {
    return {signer_->public_key(), kid(), kind, name_, kOrganisation, {}, 0};
  }

  const KeyId& kid() const { return signer_->kid(); }
  const Signer& signer() const { return *signer_; }
  const LifeId& life() const { return life_; }
  void set_life(const LifeId& l) { life_ = l; }

  Digest chain = test_chain();
  std::uint64_t seq = 0;      // of the newest object of the life
  std::optional<Digest> end;  // its id, or what a gap calls lost
  Digest id;                  // of whatever was signed last

  Draft draft(const Readings& readings) {
    Draft d;
    d.wire.salt = random_fixed<Digest>();
    auto& r = d.wire.channels.emplace_back();
    for (const auto& [t, v] : readings) {
      r.times.push_back(t);
      r.quantity.push_back(v);
    }
    Bundle& b = d.body;
    b.device = kid();
    b.life = life_;
    b.seq = seq + 1;
    b.prev = end;
    b.from = readings.empty() ? kStart : readings.front().first;
    b.to = readings.empty() ? kStart : readings.back().first;
    b.made = b.to;
    Channel& c = b.channels.emplace_back();
    c.name = "temp";
    c.unit = "Cel";
    c.exp.value = -2;
    if (!readings.empty()) {
      auto root = quantity_root(d.wire.salt, 0, r);
      EXPECT_TRUE(root);
      c.annotation = root->annotation;
      c.root = root->hash;
    }
    return d;
  }
  bus::Message seal_draft(Draft& d, const Change& after = {}) {
    auto sealed = seal(d.body, *signer_, chain);
    EXPECT_TRUE(sealed);
    id = sealed->id;
    d.wire.bundle = sealed->bytes;
    if (after) after(d);
    return message(encode_wire(d.wire, d.body.channels));
  }

 private:
  std::string name_;
  std::unique_ptr<Signer> signer_;
  LifeId life_;
};

}  // namespace lotmark::test
