// A device that measures and seals bundles: one log, one life, whole windows of one hour.
#pragma once

#include <functional>

#include "core/wire/bundle_wire.h"
#include "tests/scenario/consortium.h"

namespace lotmark::test {

struct ChannelPlan {
  std::string name;
  std::string unit;
  std::int64_t exp = 0;
  std::function<std::int64_t(std::uint64_t t)> value;  // reading at t (ms UTC)
};

class DeviceMaker {
 public:
  // `party` must outlive the device.
  DeviceMaker(const Party& party, const Digest& chain, std::uint64_t bundle_s = 3600)
      : party_(&party), chain_(chain), window_ms_(bundle_s * 1000) {}

  ClockState clock = ClockState::kSynchronised;
  // Readings whose time this says yes to are not taken.
  std::function<bool(std::uint64_t t)> skip;
  // Named in the next bundle whose window they begin in.
  std::vector<DeclaredGap> declared;

  // Bundle wires over [from, to): a reading every interval_ms of every channel, a bundle an hour of
  // the clock. Windows without readings or declared gaps make none.
  std::vector<Bytes> run(std::uint64_t from, std::uint64_t to, std::uint64_t interval_ms,
                         const std::vector<ChannelPlan>& channels);
  std::vector<Bytes> run(Time from, Time to, std::uint64_t interval_ms,
                         const std::vector<ChannelPlan>& channels) {
    return run(static_cast<std::uint64_t>(to_ms(from)), static_cast<std::uint64_t>(to_ms(to)),
               interval_ms, channels);
  }
  // One bundle of exactly these readings, in the order of `channels`.
  Bytes seal_bundle(const std::vector<ChannelPlan>& channels, std::vector<ChannelReadings> readings,
                    std::vector<DeclaredGap> gaps = {});

  std::uint64_t seq() const { return seq_; }
  const std::optional<Digest>& newest() const { return prev_; }

 private:
  const Party* party_;
  Digest chain_;
  std::uint64_t window_ms_;
  std::uint64_t seq_ = 0;
  std::optional<Digest> prev_;
};

// 5.00 Cel, a little up and down; whole hundredths, the same for the same t.
ChannelPlan cold_channel();
// 45.0 %RH likewise.
ChannelPlan humid_channel();

}  // namespace lotmark::test
