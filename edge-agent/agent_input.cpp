// What comes in from the sources: readings, and their end.
#include <algorithm>

#include "core/base/log.h"
#include "edge-agent/agent.h"
#include "edge-agent/inbox_sink.h"

namespace lotmark::agent {

std::size_t Agent::add_lane(const SourceConfig& s) {
  const auto fits = [&](const Lane& l) {
    return l.free && recorded(l.is) == recorded(s) && l.is.when_full == s.when_full;
  };
  auto at = std::ranges::find_if(lanes_, fits);
  if (at == lanes_.end()) {
    lanes_.emplace_back();
    at = std::prev(lanes_.end());
    at->place = bundler_.add_lane(recorded(s), s.when_full);
    (void)inbox_.add();  // its place is the lane's
  }
  const std::size_t bundler_place = at->place;
  *at = Lane{};
  at->is = s;
  at->place = bundler_place;
  const auto kept = outbox_.source(s.name);
  at->ended = kept.done;
  if (!kept.done) at->source = make_source(s, {clock_, config_.chain, kept.position});
  const auto place = static_cast<std::size_t>(at - lanes_.begin());
  at->sink = std::make_unique<InboxSink>(inbox_, alarms_, owners_, place, s);
  return place;
}

void Agent::start_lane(std::size_t place) {
  Lane& lane = lanes_[place];
  if (!lane.source) return;
  lane.running = true;
  lane.thread = std::thread([this, place, source = lane.source.get(), sink = lane.sink.get()] {
    auto end = run_guarded(*source, *sink);
    inbox_.put(place, end ? Ended{*end, std::nullopt} : Ended{std::nullopt, end.error()});
  });
}

// Everything before the open window is in sealed bundles: from there the source goes on after a restart.
void Agent::note_place(std::size_t source) {
  if (!lanes_[source].source->recorded()) return;
  if (auto at = bundler_.open_from(lanes_[source].place)) {
    batch_.sources[lanes_[source].is.name] = {*at, false};
  }
}

Status Agent::take_readings(std::size_t source, std::vector<Reading>& readings) {
  const Time now = clock_.now();
  const ClockState clock = clock_.state();
  const std::size_t sealed = batch_.sealed.size();
  auto next = readings.begin();
  Status failed;
  for (; next != readings.end(); ++next) {
    auto added = bundler_.add(lanes_[source].place, *next, now, clock, batch_.sealed);
    if (!added && added.code() != Errc::kFieldRange) {
      failed = added.error();
      break;
    }
    count(source, *next, added);
  }
  readings.erase(readings.begin(), next);
  if (batch_.sealed.size() != sealed) note_place(source);
  return failed;
}

// The first of each kind is in the log; counts say how many.
void Agent::count(std::size_t source, const Reading& reading, const Result<Added>& added) {
  const std::string& name = lanes_[source].is.name;
  Lane& lane = lanes_[source];
  if (added && *added == Added::kTaken) {
    ++counts_.readings;
  } else if (added && *added == Added::kLate) {
    if (++lane.late == 1) {
      log::warn("reading.late", {{"source", name}, {"channel", reading.channel}});
    }
  } else {
    ++counts_.readings_refused;
    if (++lane.refused > 1) return;
    const Error ahead = fail(Errc::kFieldRange, "recorded later than now");
    const Error& error = added ? ahead : added.error();
    log::warn("reading.refused", {{"source", name}, {"error", error.message()}});
  }
}

Status Agent::take_pause(std::size_t source, const Paused& paused) {
  const Time now = clock_.now();
  LM_TRY(bundler_.seal(lanes_[source].place, now, clock_.state(), batch_.sealed));
  batch_.sources[lanes_[source].is.name] = {paused.at, false};
  return {};
}

Status Agent::take_end(std::size_t source, const Ended& ended) {
  const std::string& name = lanes_[source].is.name;
  const bool over = ended.at && !ended.error;
  if (over) {  // first, since all of this comes again where the key does not sign
    LM_TRY(bundler_.seal(lanes_[source].place, clock_.now(), clock_.state(), batch_.sealed));
  }
  lanes_[source].running = false;
  if (ended.error) {
    log::error("source.failed", {{"source", name}, {"error", ended.error->message()}});
    failed_ = fail(ended.error->code, name + ": " + ended.error->text);
  }
  if (!ended.at && !ended.error) return {};  // stopped
  lanes_[source].ended = true;
  if (ended.error) return {};
  if (lanes_[source].source->recorded()) batch_.sources[name] = {*ended.at, true};
  log::info("source.done", {{"source", name}});
  return {};
}

}  // namespace lotmark::agent
