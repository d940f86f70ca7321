#include "edge-agent/source/poll/sampler.h"

#include <algorithm>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {

// Shorter waits are no loss: the next turn comes as it would have.
constexpr Millis kHeldBack{1000};

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

void Sampler::told(Device& d, const Status& status) {
  const Tick now = ticks_();
  if (status) {
    ++counts_.records;
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

std::vector<Reading> Sampler::held_back(Time from, Millis lasted) {
  std::vector<Reading> out;
  if (lasted < std::max(timing_.interval, kHeldBack)) return out;
  const Time now = clock_.now();
  for (const Time at : {from, std::max(from, now)}) {
    for (auto& d : devices_) {
      for (auto& filter : d.filters) {
        if (auto r = filter.take({GapReason::kOutboxFull, at}, at)) out.push_back(std::move(*r));
      }
    }
  }
  return out;
}

bool Sampler::hand_on(Sink& sink, std::vector<Reading> readings) {
  if (readings.empty()) return true;
  const Tick begin = ticks_();
  const Time from = clock_.now();
  if (!sink.put(std::move(readings))) return false;
  auto gaps = held_back(from, ms_between(begin, ticks_()));
  return gaps.empty() || sink.put(std::move(gaps));
}

Result<std::optional<Position>> Sampler::run(Sink& sink) {
  for (;;) {
    const auto wait = std::max(Millis(0), ms_between(ticks_(), due()));
    if (!stop_->pause_ms(static_cast<int>(wait.count()))) break;
    if (!hand_on(sink, turn())) break;
  }
  for (auto& d : devices_) {
    if (!hangs(d)) d.is.probe->close();
  }
  return std::optional<Position>();
}

}  // namespace lotmark::agent
