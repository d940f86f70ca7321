#include "edge-agent/source/poll/channel.h"

#include <algorithm>
#include <cstdlib>

namespace lotmark::agent {

namespace {
constexpr std::int64_t kAgainMs = 1000;
}

std::optional<Reading> ChannelFilter::take(const Sample& sample, Time now) {
  if (std::holds_alternative<Quiet>(sample.value)) return std::nullopt;
  Reading r{channel_.channel,       channel_.unit,
            channel_.exp,           to_ms(sample.at.value_or(now)),
            GapReason::kNotANumber, {}};
  if (const auto* reason = std::get_if<GapReason>(&sample.value)) {
    r.value = *reason;
  } else {
    const Exact v = std::get<Exact>(sample.value) * channel_.scale + channel_.offset;
    std::int64_t units = 0;
    if (v.in_units(channel_.exp, channel_.round, units)) r.value = units;
  }
  const auto* value = std::get_if<std::int64_t>(&r.value);
  const bool told = last_ && last_->value == r.value && r.t >= last_->t;
  if (value != nullptr ? !worth(*value, r.t) : told && r.t < last_->t + kAgainMs)
    return std::nullopt;
  last_ = r;
  return r;
}

bool ChannelFilter::worth(std::int64_t value, std::int64_t t) const {
  const auto* last = last_ ? std::get_if<std::int64_t>(&last_->value) : nullptr;
  if (last == nullptr || channel_.deadband == 0) return true;
  const std::int64_t silent = t - last_->t;
  const auto side = [&](std::int64_t v, const Decimal& limit) {
    const int order = compare({v, channel_.exp}, limit);
    return (order > 0) - (order < 0);
  };
  const auto crossed = [&](const Decimal& limit) {
    return side(value, limit) != side(*last, limit);
  };
  return std::abs(value - *last) >= channel_.deadband || silent < 0 ||
         silent >= at_least_every_.count() || std::ranges::any_of(channel_.limits, crossed);
}

}  // namespace lotmark::agent
