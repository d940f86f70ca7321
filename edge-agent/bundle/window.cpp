#include "edge-agent/bundle/window.h"

#include "core/wire/limits.h"

namespace lotmark::agent {

namespace {

// Texts of a bundle in all, so that its wire stays well below limits::kBundleWire.
constexpr std::size_t kTextBytesMax = 512 * 1024;

ChannelKind kind_of(const Reading& r) {
  if (std::holds_alternative<GapReason>(r.value)) return r.gap_kind;
  return std::holds_alternative<std::string>(r.value) ? ChannelKind::kEpc : ChannelKind::kQuantity;
}

Exponent exp_of(const Reading& r) { return {kind_of(r) == ChannelKind::kQuantity ? r.exp : 0}; }

}  // namespace

bool Window::fits(const Reading& r) const {
  if (readings_ >= limits::kReadings || gaps_.size() >= limits::kGaps) return false;
  if (const auto* text = std::get_if<std::string>(&r.value)) {
    if (text_bytes_ + text->size() > kTextBytesMax) return false;
  }
  const auto at = places_.find(r.channel);
  if (at == places_.end()) return channels_.size() < limits::kChannels;
  // A channel that changes its kind, unit or exponent is another channel: it needs a bundle of its own. A gap
  // does not.
  const Channel& head = channels_[at->second].head;
  if (std::holds_alternative<GapReason>(r.value)) return true;
  return head.kind == kind_of(r) && head.unit == r.unit && head.exp == exp_of(r);
}

bool Window::fits_alarm(const std::optional<Reading>& reading) const {
  if (alarms_.size() >= limits::kAlarms) return false;
  if (!reading) return true;
  const auto at = places_.find(reading->channel);
  if (at == places_.end()) return channels_.size() < limits::kChannels;
  const Channel& head = channels_[at->second].head;
  return head.kind == kind_of(*reading) && head.unit == reading->unit &&
         head.exp == exp_of(*reading);
}

void Window::add_alarm(const std::string& rule, std::uint64_t t,
                       const std::optional<Reading>& reading) {
  Alarm alarm{std::nullopt, rule, t, std::nullopt};
  if (reading) {
    alarm.channel = place_of(*reading);
    if (const auto* v = std::get_if<std::int64_t>(&reading->value)) alarm.value = *v;
  }
  alarms_.push_back(std::move(alarm));
}

std::size_t Window::place_of(const Reading& r) {
  const auto [at, fresh] = places_.try_emplace(r.channel, channels_.size());
  if (fresh) {
    Lane lane;
    lane.head.name = r.channel;
    lane.head.kind = kind_of(r);
    lane.head.unit = r.unit;
    lane.head.exp = exp_of(r);
    channels_.push_back(std::move(lane));
  }
  return at->second;
}

void Window::add(const Reading& r) {
  const auto t = static_cast<std::uint64_t>(r.t);
  if (const auto* reason = std::get_if<GapReason>(&r.value)) return add_gap(r, *reason, t, t);
  Lane& lane = channels_[place_of(r)];
  lane.readings.times.push_back(t);
  if (const auto* text = std::get_if<std::string>(&r.value)) {
    lane.readings.epc.push_back(*text);
    text_bytes_ += text->size();
  } else {
    lane.readings.quantity.push_back(std::get<std::int64_t>(r.value));
  }
  lane.gap.reset();
  ++readings_;
}

void Window::add_gap(const Reading& r, GapReason reason, std::uint64_t from, std::uint64_t to) {
  const std::size_t place = place_of(r);
  Lane& lane = channels_[place];
  if (lane.gap && gaps_[*lane.gap].reason == reason) {
    auto& gap = gaps_[*lane.gap];
    gap.from = std::min(gap.from, from);
    gap.to = std::max(gap.to, to);
    return;
  }
  lane.gap = gaps_.size();
  gaps_.push_back({place, from, to, reason});
}

void Window::instead_of(const Window& other, GapReason reason, std::uint64_t t) {
  for (const auto& lane : other.channels_) {
    Reading gap;
    gap.channel = lane.head.name;
    gap.unit = lane.head.unit;
    gap.exp = lane.head.exp.value;
    gap.value = reason;
    gap.gap_kind = lane.head.kind;
    add_gap(gap, reason, t, t);
  }
  alarms_ = other.alarms_;  // channels have the places they had there
}

std::optional<std::uint64_t> Window::last_of(std::string_view channel) const {
  const auto at = places_.find(channel);
  if (at == places_.end() || channels_[at->second].readings.times.empty()) return std::nullopt;
  return channels_[at->second].readings.times.back();
}

void Window::each_last(const std::function<void(const std::string&, std::uint64_t)>& fn) const {
  for (const auto& lane : channels_) {
    if (!lane.readings.times.empty()) fn(lane.head.name, lane.readings.times.back());
  }
}

Status Window::close(Bundle& bundle, BundleWire& wire) const {
  bundle.from = std::numeric_limits<std::uint64_t>::max();
  bundle.to = 0;
  const auto covers = [&](std::uint64_t from, std::uint64_t to) {
    bundle.from = std::min(bundle.from, from);
    bundle.to = std::max(bundle.to, to);
  };
  for (std::uint32_t place = 0; place < channels_.size(); ++place) {
    const auto& r = channels_[place].readings;
    Channel head = channels_[place].head;
    if (!r.times.empty()) {
      covers(r.times.front(), r.times.back());
      if (head.kind == ChannelKind::kQuantity) {
        LM_ASSIGN(auto node, quantity_root(wire.salt, place, r));
        head.annotation = node.annotation;
        head.root = node.hash;
      } else {
        head.annotation = CountAnnotation{r.times.size(), r.times.front(), r.times.back()};
        head.root = plain_root(wire.salt, place, head.kind, r);
      }
    }
    bundle.channels.push_back(std::move(head));
    wire.channels.push_back(r);
  }
  bundle.gaps = gaps_;
  std::ranges::stable_sort(bundle.gaps, {}, &DeclaredGap::from);
  for (const auto& gap : gaps_) covers(gap.from, gap.to);
  bundle.alarms = alarms_;
  if (bundle.from > bundle.to) bundle.from = bundle.to = bundle.made;  // nothing but alarms
  return {};
}

}  // namespace lotmark::agent
