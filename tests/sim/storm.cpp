#include "tests/sim/storm.h"

#include <fmt/format.h>

namespace lotmark::sim {

std::string_view name(Level level) {
  switch (level) {
    case Level::kCalm: return "calm";
    case Level::kRain: return "rain";
    case Level::kStorm: return "storm";
    case Level::kHell: return "hell";
  }
  return "";
}

Storm::Storm(Cluster& cluster, Level level, bool plots)
    : cluster_(cluster), draw_(cluster.draw.fork()), level_(level) {
  if (plots) plot_.emplace(cluster, draw_.fork());
  for (auto& n : cluster_.nodes()) {
    n.offset = draw_offset();
    const std::int64_t drift = level_ == Level::kCalm ? 100 : 10'000;
    n.drift_ppm = draw_.between(-drift, drift);
  }
  cluster_.network.weather = draw_weather();
}

// Tokens are good for 60 s: no two clocks are further apart than that.
Millis Storm::draw_offset() {
  const std::int64_t most = level_ == Level::kCalm ? 50 : level_ == Level::kHell ? 20'000 : 2'000;
  return Millis{draw_.between(-most, most)};
}

Weather Storm::draw_weather() {
  if (level_ == Level::kCalm) return {};
  Weather w;
  w.most = Millis{draw_.between(5, level_ == Level::kRain ? 100 : 600)};
  const std::uint64_t bad = level_ == Level::kRain ? 30 : level_ == Level::kStorm ? 100 : 300;
  w.drop_request = static_cast<unsigned>(draw_.below(bad));
  w.drop_reply = static_cast<unsigned>(draw_.below(bad));
  w.duplicate = static_cast<unsigned>(draw_.below(bad));
  w.straggle = static_cast<unsigned>(draw_.below(bad / 3));
  return w;
}

SimNode& Storm::any() { return cluster_.nodes()[draw_.below(cluster_.nodes().size())]; }

void Storm::begin() {
  over_ = false;
  watch();
  next_fault();
  if (plot_) plot_->begin();
}

void Storm::next_fault() {
  if (over_ || level_ == Level::kCalm) return;
  const std::int64_t most = level_ == Level::kRain    ? 20'000
                            : level_ == Level::kStorm ? 8'000
                                                      : 3'000;
  cluster_.timeline.after(Millis{draw_.between(most / 10, most)}, [this] {
    if (!over_ && !(plot_ && plot_->under_way())) fault();
    next_fault();
  });
}

void Storm::fault() {
  if (cluster_.options.cut_every && draw_.permille(200)) return cluster_.ask_cut(any());
  switch (draw_.below(15)) {
    case 0:
    case 1: return cluster_.crash(any());
    case 2:
    case 3: {
      SimNode& n = any();
      if (n.up()) cluster_.crash_at_write(n, 1 + draw_.below(40));
      return;
    }
    case 4: return cluster_.stop(any());
    case 10: {
      const auto moment = static_cast<Moment>(draw_.below(3));
      return cluster_.crash_around(any(), moment, draw_.permille(500), draw_.permille(300));
    }
    case 11:
    case 12: return trouble_order();
    case 13: return ambush();
    case 5: return part();
    case 6: return fill_disk(any());
    case 7: return strike(any());
    case 8: {
      cluster_.journal.say("the weather changes");
      cluster_.network.weather = draw_weather();
      return;
    }
    default: {
      cluster_.journal.say("the wires are mended");
      cluster_.network.heal();
    }
  }
}

// A disk is lost: one at a time, since who forgot what it promised learns it from all that the rest promised.
void Storm::strike(SimNode& n) {
  cluster_.crash(n);
  if (cluster_.may_lose_disk(n)) cluster_.wipe(n);
}

// A block is final by the newest primary and one other, and nobody else knows it. Then one of the two forgets, dies, or
// hears of both sides, while the role moves to one who lags.
void Storm::ambush() {
  const KeyId* newest = cluster_.witness.newest_signer();
  SimNode* primary = newest != nullptr ? cluster_.find(*newest) : nullptr;
  if (primary == nullptr) return;
  SimNode& voter = any();
  SimNode& lagging = any();
  if (&voter == primary || &lagging == primary || &lagging == &voter) return;
  const auto cut = [this](const SimNode& a, const SimNode& b) {
    cluster_.network.cut(cluster_.kid(a), cluster_.kid(b));
    cluster_.network.cut(cluster_.kid(b), cluster_.kid(a));
  };
  cut(*primary, lagging);
  const std::uint64_t kind = draw_.below(3);
  static constexpr std::string_view kKinds[] = {"forgets", "is left alone", "hears both"};
  cluster_.journal.say(fmt::format("{} lags behind {}, and {} {}", lagging.name, primary->name,
                                   voter.name, kKinds[kind]));
  if (kind != 2) cut(voter, lagging);
  if (kind == 0) cluster_.crash_around(voter, Moment::kVote, false, true);
  const Millis dies{draw_.between(500, 4000)};
  if (kind == 2) {
    cluster_.network.drop_next(20, Kind::kVotes, cluster_.kid(*primary), cluster_.kid(voter));
    return cluster_.delegate(lagging);
  }
  cluster_.timeline.after(dies, [this, primary, &lagging] {
    if (over_) return;
    cluster_.crash(*primary);
    cluster_.network.heal();
    cluster_.stop_delegating();
    cluster_.delegate(lagging);
  });
}

// The role moves though nobody died, or its engine fails.
void Storm::trouble_order() {
  if (cluster_.options.ordering == Ordering::kEngine) return trouble_engine();
  cluster_.stop_delegating();
  cluster_.delegate(any());
}

void Storm::trouble_engine() {
  auto& engine = cluster_.engine;
  const std::string& name = any().name;
  switch (draw_.below(9)) {
    case 0:
      cluster_.journal.say("the engine loses its newest entries");
      return engine.lose_newest(1 + draw_.below(6));
    case 1: cluster_.journal.say("the engine is made anew"); return engine.remake();
    case 2: cluster_.journal.say("the engine's log is emptied"); return engine.purge();
    case 3: cluster_.journal.say("the engine forgets the lease"); return engine.forget_lease();
    case 4: cluster_.journal.say(name + " does not reach the engine"); return engine.cut(name);
    case 5:
      cluster_.journal.say("requests of " + name + " to the engine wait");
      engine.hold(name);
      cluster_.timeline.after(Millis{draw_.between(500, 8000)},
                              [&engine, name] { engine.release(name); });
      return;
    case 7: {
      const bool leases = draw_.permille(500);
      cluster_.journal.say(leases ? "the engine takes no entries" : "the engine takes nothing");
      engine.takes = leases ? MemoryEngine::Takes::kLeases : MemoryEngine::Takes::kNothing;
      cluster_.timeline.after(Millis{draw_.between(2000, 25'000)},
                              [&engine] { engine.takes = MemoryEngine::Takes::kAll; });
      return;
    }
    case 6: engine.lose_answer = static_cast<unsigned>(draw_.below(300)); return;
    default: cluster_.journal.say("the engine is reached by all"); return engine.mend_all();
  }
}

void Storm::part() {
  const auto& nodes = cluster_.nodes();
  const bool one_way = draw_.permille(300);
  std::vector<bool> left;
  for (std::size_t i = 0; i < nodes.size(); ++i) left.push_back(draw_.permille(500));
  if (draw_.permille(250)) {  // one pair only
    const SimNode& a = any();
    const SimNode& b = any();
    if (&a == &b) return;
    cluster_.network.cut(cluster_.kid(a), cluster_.kid(b));
    if (!one_way) cluster_.network.cut(cluster_.kid(b), cluster_.kid(a));
    return cluster_.journal.say(
        fmt::format("cut{} between {} and {}", one_way ? " one way" : "", a.name, b.name));
  }
  std::string words;
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    if (left[a]) words += " " + nodes[a].name;
    for (std::size_t b = 0; b < nodes.size(); ++b) {
      if (left[a] == left[b] || (one_way && left[a])) continue;
      cluster_.network.cut(cluster_.kid(nodes[a]), cluster_.kid(nodes[b]));
    }
  }
  cluster_.journal.say(fmt::format("cut off{}:{}", one_way ? " one way" : "", words));
}

void Storm::fill_disk(SimNode& n) {
  cluster_.journal.say(n.name + "'s disk is full");
  n.disk->set_full(true);
  cluster_.timeline.after(Millis{draw_.between(500, 8000)}, [&n] { n.disk->set_full(false); });
}

// Starts again what is down, after a while, now and then with another clock.
void Storm::watch() {
  if (over_) return;
  for (auto& n : cluster_.nodes()) {
    if (n.up()) {
      back_at_.erase(n.index);
      continue;
    }
    if (plot_ && plot_->keeps_down(n)) continue;
    const auto [at, fresh] = back_at_.try_emplace(
        n.index, cluster_.timeline.now() +
                     Millis{draw_.between(0, level_ == Level::kHell ? 20'000 : 8'000)});
    if (cluster_.timeline.now() < at->second) continue;
    back_at_.erase(at);
    if (draw_.permille(200)) cluster_.set_clock(n, draw_offset());
    cluster_.start(n);
  }
  cluster_.timeline.after(Millis{250}, [this] { watch(); });
}

void Storm::end() {
  over_ = true;
  if (plot_) plot_->end();
  cluster_.journal.say("everything is mended");
  cluster_.network.heal();
  cluster_.network.weather = {};
  cluster_.engine.mend_all();
  cluster_.engine.lose_answer = 0;
  for (const auto& n : cluster_.nodes()) cluster_.engine.release(n.name);
  for (auto& n : cluster_.nodes()) {
    n.disk->set_full(false);
    n.disk->cut_power_after(0);
    n.trap.reset();
    if (!n.up()) cluster_.start(n);
  }
  // A delegation that failed half way leaves nobody in the role: an operator sees to it.
  if (cluster_.options.ordering == Ordering::kLocal) cluster_.delegate(any());
}

}  // namespace lotmark::sim
