#include "edge-agent/source/poll/sampler.h"

#include <algorithm>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {

constexpr Millis kPatience{500};  // a commit that takes long is no full outbox

Millis ms_between(Tick from, Tick to) { return std::chrono::ceil<Millis>(to - from); }

}  // namespace

Sampler::Sampler(std::string name, const PollTiming& timing, std::vector<PolledDevice> devices,
                 const Clock& clock, Ticks ticks)
    : name_(std::move(name)),
      timing_(timing),
      clock_(clock),
      ticks_(std::move(ticks)),
      lent_(std::make_shared<LentClock>(clock)) {
  LM_ASSERT(!devices.empty());
  const Tick start = ticks_();
  for (auto& d : devices) {
    Device device{std::move(d), Pace(timing_, start), {}, false, {}};
    for (const auto& c : device.is.channels) {
      device.filters.emplace_back(c, timing_.at_least_every);
    }
    devices_.push_back(std::move(device));
  }
}

// The one that waited longest: where all are late, none is left out.
std::size_t Sampler::next() const {
  const auto at =
      std::ranges::min_element(devices_, {}, [](const Device& d) { return d.pace.due(); });
  return static_cast<std::size_t>(at - devices_.begin());
}

std::vector<Reading> Sampler::turn() {
  Device& d = devices_[next()];
  std::vector<Sample> samples(d.filters.size());
  if (d.pace.asks(ticks_())) {
    const auto status = ask(d, samples);
    if (!status && !stop_->pause_ms(0)) return {};  // it was not given its time
    told(d, status);
    if (status) count(samples);
  } else {
    d.pace.passed(ticks_());
  }
  const Time now = clock_.now();
  std::vector<Reading> out;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (auto r = d.filters[i].take(samples[i], now)) out.push_back(std::move(*r));
  }
  return out;
}

bool Sampler::hangs(const Device& d) {
  const auto at = hung_.find(d.is.line);
  if (at == hung_.end()) return false;
  if (!at->second->over()) return true;
  hung_.erase(at);
  for (auto& other : devices_) {
    if (other.is.line != d.is.line) continue;
    other.is.probe->close();  // what it found belongs to a time that was told as lost
    other.open = false;
  }
  return false;
}

// What the call uses is shared with it: it may come back when nobody waits any more.
Status Sampler::ask(Device& d, std::vector<Sample>& samples) {
  if (hangs(d)) return fail(Errc::kIo, "hangs: the last request has not come back");
  const auto found = std::make_shared<std::vector<Sample>>(samples);
  const auto call = [probe = d.is.probe, open = d.open, found, clock = lent_, stop = stop_] {
    if (!open) {
      if (auto opened = probe->open(); !opened) return opened;
    }
    return probe->read({*clock, *stop}, *found);
  };
  const auto answer = asker_.ask(call, d.is.patience, *stop_);
  if (!answer->over()) {
    hung_[d.is.line] = answer;
    if (stop_->pause_ms(0)) {
      log::error("device.hangs", {{"source", name_}, {"device", d.is.name}});
    }
    return fail(Errc::kIo,
                "hangs: no answer within " + std::to_string(d.is.patience.count() / 1000) + " s");
  }
  d.open = true;
  samples = *found;
  return answer->status();
}

// A turn in which nothing was said counts as nothing.
void Sampler::count(const std::vector<Sample>& samples) {
  const auto number = [](const Sample& s) { return std::holds_alternative<Exact>(s.value); };
  const auto gap = [](const Sample& s) { return std::holds_alternative<GapReason>(s.value); };
  if (std::ranges::any_of(samples, number)) ++counts_.records;
  else if (std::ranges::any_of(samples, gap)) ++counts_.bad;
}

void Sampler::told(Device& d, const Status& status) {
  const Tick now = ticks_();
  if (status) {
    if (d.pace.quarantined()) {
      log::info("device.back", {{"source", name_},
                                {"device", d.is.name},
                                {"lost_ms", ms_between(d.lost_at, now).count()}});
    }
    return d.pace.answered(now);
  }
  ++counts_.bad;
  if (!hung_.contains(d.is.line)) d.is.probe->close();
  d.open = false;
  if (d.pace.failures() == 0) d.lost_at = now;
  const bool known = d.pace.quarantined();
  d.pace.failed(now);
  if (!d.pace.quarantined()) {
    log::debug("device.failed",
               {{"source", name_}, {"device", d.is.name}, {"error", status.error().message()}});
  } else if (!known) {
    log::warn("device.lost",
              {{"source", name_}, {"device", d.is.name}, {"error", status.error().message()}});
  }
}

// A device is read on whatever is full, for its alarms. What finds no room is declared once there is some: each channel's
// first and last, all firsts before all lasts, since a window that changes is a bundle.
std::vector<Reading> Sampler::lost() const {
  std::vector<Reading> out;
  for (const auto& [channel, gap] : lost_) out.push_back(gap.first);
  for (const auto& [channel, gap] : lost_) {
    if (gap.second.t != gap.first.t) out.push_back(gap.second);
  }
  return out;
}

bool Sampler::hand_on(Sink& sink, const std::vector<Reading>& readings) {
  std::vector<Reading> all = lost();
  all.insert(all.end(), readings.begin(), readings.end());
  if (all.empty()) return true;
  const auto offered = sink.offer(all, lost_.empty() ? kPatience : Millis(0));
  if (offered == Sink::Offer::kTaken) lost_.clear();
  if (offered != Sink::Offer::kFull) return offered == Sink::Offer::kTaken;
  for (const auto& r : readings) {
    const Reading gap = as_gap(r, GapReason::kOutboxFull);
    lost_.try_emplace(r.channel, gap, gap).first->second.second = gap;
  }
  for (auto& d : devices_) {
    for (auto& filter : d.filters) {
      if (lost_.contains(filter.channel())) filter.lost();
    }
  }
  return true;
}

Result<std::optional<Position>> Sampler::run(Sink& sink) {
  for (;;) {
    const auto wait = std::max(Millis(0), ms_between(ticks_(), due()));
    if (!stop_->pause_ms(static_cast<int>(wait.count()))) break;
    if (!hand_on(sink, turn())) break;
  }
  if (!lost_.empty()) sink.last(lost());
  for (auto& d : devices_) {
    if (!hangs(d)) d.is.probe->close();
  }
  return std::optional<Position>();
}

}  // namespace lotmark::agent
