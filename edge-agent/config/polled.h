// What all sections of polled devices have in common: when devices are asked, and what becomes of their numbers.
#pragma once

#include "edge-agent/config/config.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/source/poll/sampler.h"

namespace lotmark::agent {

// interval_ms, jitter_ms, phase_ms
void read_turns(Section& s, PollTiming& timing);
std::string print_turns(const PollTiming& timing);
// at_least_every_s, degrade_after, quarantine_max_s
void read_endurance(Section& s, PollTiming& timing);
std::string print_endurance(const PollTiming& timing);

// Calls `rest` for each table of `channels`, which reads what is the kind's own, once the channel is read: channel, unit,
// exp, scale, offset, round, and deadband or on_change.
using ReadChannel = std::function<void(Section& s, PolledChannel channel)>;
void read_polled_channels(const SourceSection& s, const ReadChannel& rest);
// "channel = ..., exp = ...": within the braces of one table.
std::string print_polled(const PolledChannel& channel);

// Tells channels with a deadband the limits of their alarms; a fault is an alarm of silence that a deadband may make.
void heed_alarms(Section& root, Config& config);
// Whether both heed the same limits: those are not printed with a source, since they are of the alarms.
bool heed_the_same(const SourceConfig& a, const SourceConfig& b);

// A whole number of units of time.
template <class Unit>
void read_span(Section& s, std::string_view key, Millis& out, std::int64_t min, std::int64_t max) {
  std::int64_t v = std::chrono::duration_cast<Unit>(out).count();
  s.integer(key, v, min, max);
  out = Unit(v);
}

// A number as text, "0.1": never a TOML float.
void read_exact(Section& s, std::string_view key, Exact& out);

}  // namespace lotmark::agent
