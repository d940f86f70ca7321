#include "tests/scenario/device_maker.h"

#include <algorithm>

#include "core/crypto/sha256.h"

namespace lotmark::test {

namespace {

// `from` is the least and `to` the greatest time of all readings and gaps.
void set_span(Bundle& b, const std::vector<ChannelReadings>& readings) {
  std::vector<std::uint64_t> times;
  for (const auto& r : readings) times.insert(times.end(), r.times.begin(), r.times.end());
  for (const auto& g : b.gaps) times.insert(times.end(), {g.from, g.to});
  LM_ASSERT(!times.empty());
  b.from = *std::min_element(times.begin(), times.end());
  b.to = *std::max_element(times.begin(), times.end());
  b.made = b.to;
}

Channel channel_of(const ChannelPlan& plan, const Digest& salt, std::uint32_t place,
                   const ChannelReadings& readings) {
  Channel c{plan.name, ChannelKind::kQuantity, plan.unit, {plan.exp}, {}, {}};
  if (readings.times.empty()) return c;
  auto node = quantity_root(salt, place, readings);
  LM_ASSERT(node);
  c.annotation = node->annotation;
  c.root = node->hash;
  return c;
}

}  // namespace

std::vector<Bytes> DeviceMaker::run(std::uint64_t from, std::uint64_t to, std::uint64_t interval_ms,
                                    const std::vector<ChannelPlan>& channels) {
  std::vector<Bytes> wires;
  for (std::uint64_t start = from; start < to;) {
    const std::uint64_t end = std::min(to, (start / window_ms_ + 1) * window_ms_);
    std::vector<ChannelReadings> readings(channels.size());
    bool any = false;
    std::uint64_t t = start;
    for (; t < end; t += interval_ms) {
      if (skip && skip(t)) continue;
      any = true;
      for (std::size_t c = 0; c < channels.size(); ++c) {
        readings[c].times.push_back(t);
        readings[c].quantity.push_back(channels[c].value(t));
      }
    }
    std::vector<DeclaredGap> gaps;
    for (const auto& g : declared) {
      if (g.from >= start && g.from < end) gaps.push_back(g);
    }
    if (any || !gaps.empty())
      wires.push_back(seal_bundle(channels, std::move(readings), std::move(gaps)));
    start = t;
  }
  return wires;
}

Bytes DeviceMaker::seal_bundle(const std::vector<ChannelPlan>& channels,
                               std::vector<ChannelReadings> readings,
                               std::vector<DeclaredGap> gaps) {
  Bundle b;
  b.device = party_->kid();
  b.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  b.seq = ++seq_;
  b.prev = prev_;
  b.boot = 1;
  b.clock = clock;
  b.gaps = std::move(gaps);
  set_span(b, readings);
  Bytes seed = to_bytes(party_->kid().view());
  seed.push_back(static_cast<std::uint8_t>(seq_));
  const Digest salt = sha256(seed);
  for (std::uint32_t c = 0; c < channels.size(); ++c) {
    b.channels.push_back(channel_of(channels[c], salt, c, readings[c]));
  }
  auto sealed = seal(b, *party_->signer, chain_);
  LM_ASSERT(sealed);
  prev_ = sealed->id;
  return encode_wire({sealed->bytes, salt, std::move(readings)}, b.channels);
}

ChannelPlan cold_channel() {
  return {"t", "Cel", -2, [](std::uint64_t t) {
            return std::int64_t{480} + static_cast<std::int64_t>(t / 60000 % 40);
          }};
}

ChannelPlan humid_channel() {
  return {"h", "%RH", -1, [](std::uint64_t t) {
            return std::int64_t{440} + static_cast<std::int64_t>(t / 60000 % 20);
          }};
}

}  // namespace lotmark::test
