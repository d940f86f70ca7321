#include "edge-agent/alarm/watch.h"

#include <algorithm>

namespace lotmark::agent {

namespace {

Decimal value_of(const Reading& r) { return {std::get<std::int64_t>(r.value), r.exp}; }

bool beyond(const AlarmRule& rule, const Decimal& value, const Decimal& limit) {
  const int order = compare(value, limit);
  return rule.kind == AlarmKind::kAbove ? order > 0 : order < 0;
}

bool same_rule(const AlarmRule& a, const AlarmRule& b) {
  const bool clears_alike =
      a.clear.has_value() == b.clear.has_value() && (!a.clear || compare(*a.clear, *b.clear) == 0);
  return a.name == b.name && a.channel == b.channel && a.kind == b.kind &&
         compare(a.limit, b.limit) == 0 && clears_alike && a.delay == b.delay;
}

}  // namespace

AlarmWatch::AlarmWatch(const std::vector<AlarmRule>& rules, Monotonic now)
    : rules_(rules), states_(rules.size()) {
  for (auto& s : states_) s.heard = now;
}

void AlarmWatch::note(const Reading& reading, bool live, Monotonic now,
                      std::vector<AlarmEvent>& out) {
  if (std::holds_alternative<GapReason>(reading.value)) return;
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    if (rules_[place].channel != reading.channel) continue;
    State& s = states_[place];
    s.heard = now;
    s.live = live;
    s.last = reading;
    if (rules_[place].kind == AlarmKind::kSilent) {
      if (s.raised) end(place, reading.t, out);
    } else if (std::holds_alternative<std::int64_t>(reading.value)) {
      judge(place, reading, live, now, out);
    }
  }
}

void AlarmWatch::judge(std::size_t place, const Reading& reading, bool live, Monotonic now,
                       std::vector<AlarmEvent>& out) {
  const AlarmRule& rule = rules_[place];
  State& s = states_[place];
  const Decimal value = value_of(reading);
  if (s.raised) {
    if (!beyond(rule, value, rule.clear.value_or(rule.limit))) end(place, reading.t, out);
    return;
  }
  if (!beyond(rule, value, rule.limit)) {
    s.since.reset();
    s.since_t.reset();
    return;
  }
  if (!s.since) s.since = now;
  if (!s.since_t || *s.since_t > reading.t) s.since_t = reading.t;
  const bool due =
      live ? now - *s.since >= rule.delay : Millis(reading.t - *s.since_t) >= rule.delay;
  if (due) raise(place, reading.t, out);
}

void AlarmWatch::tick(Time wall, Monotonic now, std::vector<AlarmEvent>& out) {
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    State& s = states_[place];
    if (s.raised || !s.live) continue;
    const bool silent = rules_[place].kind == AlarmKind::kSilent;
    const bool due = silent ? now - s.heard >= rules_[place].delay
                            : s.since && now - *s.since >= rules_[place].delay;
    if (due) raise(place, to_ms(wall), out);
  }
}

void AlarmWatch::succeed(AlarmWatch& old, Time wall, std::vector<AlarmEvent>& ended) {
  for (std::size_t place = 0; place < old.rules_.size(); ++place) {
    State& s = old.states_[place];
    const auto is = [&](const AlarmRule& r) { return same_rule(r, old.rules_[place]); };
    const auto here = std::ranges::find_if(rules_, is);
    if (here != rules_.end()) {
      states_[static_cast<std::size_t>(here - rules_.begin())] = s;
    } else if (s.raised && s.live) {
      old.end(place, to_ms(wall), ended);
    }
  }
}

std::optional<AlarmWatch::Monotonic> AlarmWatch::deadline() const {
  std::optional<Monotonic> next;
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    const State& s = states_[place];
    if (s.raised || !s.live) continue;
    std::optional<Monotonic> at = s.since;
    if (rules_[place].kind == AlarmKind::kSilent) at = s.heard;
    if (at && (!next || *at + rules_[place].delay < *next)) next = *at + rules_[place].delay;
  }
  return next;
}

void AlarmWatch::raise(std::size_t place, std::int64_t t, std::vector<AlarmEvent>& out) {
  State& s = states_[place];
  s.raised = true;
  s.since.reset();
  s.since_t.reset();
  out.push_back({place, true, t, s.last});
}

void AlarmWatch::end(std::size_t place, std::int64_t t, std::vector<AlarmEvent>& out) {
  states_[place].raised = false;
  out.push_back({place, false, t, states_[place].last});
}

}  // namespace lotmark::agent
