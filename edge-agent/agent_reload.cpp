// Going over to another configuration while running: what differs is stopped and started, all else goes on. Everything that
// can fail comes before anything is touched (docs/adr/0033).
#include <algorithm>

#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

void Agent::reload(Config next) {
  {
    std::lock_guard lock(reload_mutex_);
    reload_ = std::move(next);
  }
  inbox_.wake();
}

void Agent::reload_refused(std::string_view why) {
  ++reloads_refused_;
  log::error("config.refused", {{"generation", generation_.load()}, {"error", why}});
}

void Agent::take_reload() {
  std::optional<Config> next;
  {
    std::lock_guard lock(reload_mutex_);
    next.swap(reload_);
  }
  if (!next) return;
  if (auto done = go_over(std::move(*next)); !done) reload_refused(done.error().message());
}

Status Agent::go_over(Config next) {
  const ReloadPlan plan = plan_reload(config_, next);
  if (!plan.fixed.empty()) {
    return fail(Errc::kConfig, "changes only with a restart: " + plan.fixed);
  }
  const Config old = std::exchange(config_, std::move(next));
  auto made = prepare(plan);
  if (!made) {
    config_ = old;
    return made.error();
  }
  if (made->answers) answers_ = std::move(*made->answers);
  if (plan.alarms) hire(std::move(made->alarm_bus));
  owners_.set(config_.sources);
  const auto [started, stopped] = compare_sources();
  if (plan.connection) {
    use_buses(std::move(made->buses));
    for (auto& bus : buses_) LM_TRY(bus->start());
    renewals_.clear();
    watch_certificates(make_bus_);
  } else {
    publish_birth(false);
  }
  certificates_at_ = {};
  ++generation_;
  log::info("config.reloaded", {{"generation", generation_.load()},
                                {"started", started},
                                {"stopped", stopped},
                                {"kept", config_.sources.size() - started},
                                {"connection", plan.connection ? "new" : "kept"},
                                {"alarms", plan.alarms ? "new" : "kept"}});
  return {};
}

// By config_, which is the next one already; nothing that runs is touched.
Result<Agent::Prepared> Agent::prepare(const ReloadPlan& plan) {
  Prepared out;
  if (plan.keys) {
    LM_ASSIGN(out.answers, AnswerReader::from(config_.chain, config_.keys));
  }
  if (plan.connection) {
    LM_ASSIGN(out.buses, make_buses());
  }
  if (plan.alarms) {
    LM_ASSIGN(out.alarm_bus, make_alarm_bus());
  }
  return out;
}

std::pair<std::size_t, std::size_t> Agent::compare_sources() {
  std::size_t stopped = 0;
  for (auto& lane : lanes_) {
    if (lane.free || lane.leaving) continue;
    const auto same = [&](const SourceConfig& s) { return same_source(s, lane.is); };
    if (std::ranges::any_of(config_.sources, same)) continue;
    lane.leaving = true;
    ++stopped;
    if (lane.source) lane.source->stop();
  }
  waiting_.clear();
  for (const auto& s : config_.sources) {
    const auto runs = [&](const Lane& l) { return !l.free && !l.leaving && same_source(l.is, s); };
    if (std::ranges::none_of(lanes_, runs)) waiting_.push_back(s);
  }
  return {waiting_.size(), stopped};
}

// A lane that was told to stop is free once its thread ended and what it said is sealed.
Status Agent::clear_lane(std::size_t place) {
  Lane& lane = lanes_[place];
  if (!lane.leaving || lane.running) return {};
  if (lane.thread.joinable()) lane.thread.join();
  if (recorded(lane.is)) {
    bundler_.forget(lane.place);  // it will be read again from its kept place
  } else {
    const Time now = clock_.now();
    seals_due_.emplace();  // now
    LM_TRY(bundler_.seal(lane.place, now, clock_.state(), batch_.sealed));
  }
  if (lane.source) bad_before_ += lane.source->counts().bad;
  lane.source.reset();
  lane.leaving = false;
  lane.free = true;
  return {};
}

// A source of the same name may hold the same device, or the place in the same file, and must have let go.
Status Agent::start_waiting() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) LM_TRY(clear_lane(i));
  if (waiting_.empty() || !batch_.empty_but_ack()) return {};
  std::erase_if(waiting_, [&](const SourceConfig& s) {
    const auto in_the_way = [&](const Lane& l) { return !l.free && l.is.name == s.name; };
    if (std::ranges::any_of(lanes_, in_the_way)) return false;
    start_lane(add_lane(s));
    return true;
  });
  return {};
}

}  // namespace lotmark::agent
