#include "edge-agent/bundle/bundler.h"

#include "core/base/random.h"
#include "core/base/utf8.h"
#include "core/wire/limits.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kChannelNameMax = 32;
constexpr Millis kGrace{500};  // a reading of the last moment still comes in

bool possible(const Reading& r) {
  if (r.channel.empty() || r.channel.size() > kChannelNameMax || !is_utf8(r.channel)) return false;
  if (r.unit.size() > limits::kText || !is_utf8(r.unit) || !valid(Exponent{r.exp})) return false;
  const auto* text = std::get_if<std::string>(&r.value);
  if (text != nullptr && (text->empty() || text->size() > limits::kText)) return false;
  return r.t >= 0 && r.t <= limits::kIntMax;
}

bool lies_ahead(std::uint64_t t, Time now) {
  return from_ms(static_cast<std::int64_t>(t)) > now + kAhead;
}

// A value no bundle can hold is a declared gap.
Reading in_range(Reading r) {
  const auto* v = std::get_if<std::int64_t>(&r.value);
  if (v != nullptr && (*v > limits::kIntMax || *v < -limits::kIntMax)) {
    r.value = GapReason::kNotANumber;
  }
  const auto* text = std::get_if<std::string>(&r.value);
  if (text != nullptr && !is_utf8(*text)) return as_gap(std::move(r), GapReason::kNotANumber);
  return r;
}

}  // namespace

std::size_t Bundler::add_lane(bool recorded, WhenFull when_full) {
  lanes_.push_back({recorded, when_full, std::nullopt, ClockState::kSynchronised});
  return lanes_.size() - 1;
}

Window& Bundler::window_at(Lane& lane, std::uint64_t t, Position at) {
  if (!lane.window) lane.window.emplace(t / options_.window_ms, options_.window_ms, at);
  return *lane.window;
}

Result<Added> Bundler::add(std::size_t place, const Reading& given, Time now, ClockState clock,
                           std::vector<SealedBundle>& out) {
  if (!possible(given)) return fail(Errc::kFieldRange, "channel " + given.channel);
  Lane& lane = lanes_[place];
  const Reading r = in_range(given);
  const auto t = static_cast<std::uint64_t>(r.t);
  auto newest = last_.find(r.channel);
  const bool is_reading = !std::holds_alternative<GapReason>(r.value);
  const bool ahead = lies_ahead(t, now);
  if (ahead && lane.recorded && clock != ClockState::kUnset) {
    if (newest == last_.end()) return Added::kAhead;
    LM_TRY(
        declare(place, r, GapReason::kNotANumber, newest->second, newest->second, now, clock, out));
    return Added::kAhead;
  }
  const auto late = [&] { return is_reading && newest != last_.end() && t < newest->second; };
  if (late() && !lane.recorded && lies_ahead(newest->second, now)) {
    LM_TRY(take_back(place, r.channel, t, now, clock, out));
    newest = last_.find(r.channel);
    if (late()) {
      ++dropped_;
      dropping_until_ =
          std::max(dropping_until_, from_ms(static_cast<std::int64_t>(newest->second)));
      LM_TRY(declare(place, r, GapReason::kClockSet, t, t, now, clock, out));
      return Added::kLate;
    }
  }
  if (late()) {
    ++dropped_;
    LM_TRY(declare(place, r, GapReason::kClockSet, t, newest->second, now, clock, out));
    return Added::kLate;
  }
  if (ahead && !lane.recorded) {
    ++dropped_;
    const auto today = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(now)));
    LM_TRY(declare(place, r, GapReason::kClockSet, today, today, now, clock, out));
    return Added::kLate;
  }
  if (lane.window && (lane.window->number() != t / options_.window_ms || !lane.window->fits(r))) {
    LM_TRY(seal(place, now, clock, out));
  }
  window_at(lane, t, r.at).add(r);
  lane.worst = std::max(lane.worst, clock);
  if (is_reading) last_[r.channel] = t;
  return Added::kTaken;
}

// The newest of the channel lies ahead of a clock that was put right. Where it is in the lane's open window nobody was told of
// these times yet: the window is let go. Where it is sealed it stands. Either way the lane's window is that of `t` afterwards,
// so that what is declared in it leaves in time.
Status Bundler::take_back(std::size_t place, const std::string& channel, std::uint64_t t, Time now,
                          ClockState clock, std::vector<SealedBundle>& out) {
  Lane& lane = lanes_[place];
  if (!lane.window) return {};
  if (lane.window->last_of(channel) != last_.at(channel))
    return lane.window->number() == t / options_.window_ms ? Status()
                                                           : seal(place, now, clock, out);
  const Window open = std::move(*lane.window);
  forget(place);
  dropped_ += open.readings();
  window_at(lane, t, {}).instead_of(open, GapReason::kClockSet, t);
  lane.worst = clock;
  return {};
}

// The reading is lost; what is declared must lie in the window that is open, so it is cut to it.
Status Bundler::declare(std::size_t place, const Reading& r, GapReason reason, std::uint64_t from,
                        std::uint64_t to, Time now, ClockState clock,
                        std::vector<SealedBundle>& out) {
  Lane& lane = lanes_[place];
  const Reading gap = as_gap(r, reason);
  if (lane.window && !lane.window->fits(gap)) LM_TRY(seal(place, now, clock, out));
  Window& w = window_at(lane, to, r.at);
  lane.worst = std::max(lane.worst, clock);
  const auto cut = [&](std::uint64_t t) { return std::clamp(t, w.begin(), w.last_ms()); };
  w.add_gap(gap, reason, cut(from), cut(to));
  return {};
}

Status Bundler::alarm(std::size_t place, const std::string& rule, std::int64_t t,
                      const std::optional<Reading>& given, Time now, ClockState clock,
                      std::vector<SealedBundle>& out) {
  if (t < 0 || t > limits::kIntMax || (given && !possible(*given)))
    return fail(Errc::kFieldRange, "alarm " + rule);
  const auto reading = given ? std::optional(in_range(*given)) : std::nullopt;
  Lane& lane = lanes_[place];
  if (lane.window && !lane.window->fits_alarm(reading)) LM_TRY(seal(place, now, clock, out));
  const auto today = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(now)));
  lane.worst = std::max(lane.worst, clock);
  window_at(lane, today, reading ? reading->at : Position{})
      .add_alarm(rule, static_cast<std::uint64_t>(t), reading);
  return {};
}

Status Bundler::tick(Time now, ClockState clock, std::vector<SealedBundle>& out) {
  for (std::size_t place = 0; place < lanes_.size(); ++place) {
    const Lane& lane = lanes_[place];
    if (lane.recorded || !lane.window) continue;
    const Time end = from_ms(static_cast<std::int64_t>(lane.window->last_ms()) + 1);
    if (now >= end + kGrace) LM_TRY(seal(place, now, clock, out));
  }
  return {};
}

std::optional<Time> Bundler::deadline() const {
  std::optional<Time> next;
  for (const auto& lane : lanes_) {
    if (lane.recorded || !lane.window) continue;
    const Time t = from_ms(static_cast<std::int64_t>(lane.window->last_ms()) + 1) + kGrace;
    if (!next || t < *next) next = t;
  }
  return next;
}

Status Bundler::seal(std::size_t place, Time now, ClockState clock,
                     std::vector<SealedBundle>& out) {
  Lane& lane = lanes_[place];
  if (!lane.window) return {};
  Bundle b;
  b.device = signer_.kid();
  b.life = state_.life;
  b.seq = state_.seq + 1;
  b.prev = state_.id;
  b.boot = state_.boot;
  b.anchor = state_.anchor;
  b.made = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(now)));
  b.clock = lane.recorded ? ClockState::kRecorded : std::max(clock, lane.worst);
  BundleWire wire;
  wire.salt = random_fixed<Digest>();
  LM_TRY(lane.window->close(b, wire));
  LM_ASSIGN(auto sealed, lotmark::seal(b, signer_, options_.chain));
  wire.bundle = std::move(sealed.bytes);
  const WhenFull when_full = b.alarms.empty() ? lane.when_full : WhenFull::kBlock;
  out.push_back(
      {b.seq, sealed.id, encode_wire(wire, b.channels), lane.window->readings(), when_full});
  lane.window->each_last([this](const std::string& channel, std::uint64_t t) {
    state_.last.insert_or_assign(channel, t);
  });
  state_.seq = b.seq;
  state_.id = sealed.id;
  lane.window.reset();
  lane.worst = ClockState::kSynchronised;
  return {};
}

void Bundler::forget(std::size_t place) {
  lanes_[place].window.reset();
  lanes_[place].worst = ClockState::kSynchronised;
  last_ = state_.last;
  for (const auto& lane : lanes_) {
    if (!lane.window) continue;
    lane.window->each_last([this](const std::string& channel, std::uint64_t t) {
      auto& last = last_[channel];
      last = std::max(last, t);
    });
  }
}

std::optional<Position> Bundler::open_from(std::size_t lane) const {
  const auto& window = lanes_[lane].window;
  return window ? std::optional(window->first()) : std::nullopt;
}

void Bundler::set_anchor(const Checkpoint& anchor) {
  if (!state_.anchor || anchor.size > state_.anchor->size) state_.anchor = anchor;
}

}  // namespace lotmark::agent
