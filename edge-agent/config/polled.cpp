#include "edge-agent/config/polled.h"

#include <fmt/format.h>

#include "core/wire/limits.h"
#include "core/wire/values.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

constexpr std::int64_t kDayMs = 86400000;
constexpr std::size_t kExactMax = 32;

// In units of 10^exp.
void read_deadband(Section& s, PolledChannel& c) {
  bool on_change = false;
  std::string text;
  s.flag("on_change", on_change);
  s.text("deadband", text, Need::kOptional);
  if (on_change) c.deadband = 1;
  if (text.empty()) return;
  if (on_change) s.fault("deadband", "give either deadband or on_change");
  if (!from_decimal(text, c.exp, c.deadband) || c.deadband < 1) {
    s.fault("deadband", "must be a decimal above 0, with no more digits than exp keeps");
  }
}

PolledChannel read_channel(Section& s) {
  PolledChannel c;
  s.text("channel", c.channel, Need::kRequired, check_channel);
  s.text("unit", c.unit, Need::kOptional);
  s.integer("exp", c.exp, -18, 18, Need::kRequired);
  read_exact(s, "scale", c.scale);
  read_exact(s, "offset", c.offset);
  s.flag("round", c.round);
  read_deadband(s, c);
  return c;
}

PolledChannel& polled(PolledChannel& channel) { return channel; }
const PolledChannel& polled(const PolledChannel& channel) { return channel; }
auto& polled(auto& channel) { return channel.is; }

void heed(Section& root, const AlarmRule& rule, const PollTiming& timing, PolledChannel& channel) {
  if (rule.channel != channel.channel || channel.deadband == 0) return;
  if (rule.kind != AlarmKind::kSilent) {
    channel.limits.push_back(rule.limit);
    if (rule.clear) channel.limits.push_back(*rule.clear);
  } else if (rule.delay <= timing.at_least_every) {
    root.fault("alarm", rule.name + ": silent_s must be above at_least_every_s of the source of " +
                            channel.channel + ", which has a deadband");
  }
}

std::vector<std::vector<Decimal>> limits_of(const SourceConfig& source) {
  std::vector<std::vector<Decimal>> out;
  std::visit(
      [&](const auto& options) {
        if constexpr (requires { options.timing.at_least_every; }) {
          for (const auto& channel : options.channels) out.push_back(polled(channel).limits);
        }
      },
      source.options);
  return out;
}

}  // namespace

void heed_alarms(Section& root, Config& c) {
  for (auto& source : c.sources) {
    std::visit(
        [&](auto& options) {
          if constexpr (requires { options.timing.at_least_every; }) {
            for (auto& channel : options.channels) {
              for (const auto& alarm : c.alarms) {
                heed(root, alarm.rule, options.timing, polled(channel));
              }
            }
          }
        },
        source.options);
  }
}

bool heed_the_same(const SourceConfig& a, const SourceConfig& b) {
  return limits_of(a) == limits_of(b);
}

void read_exact(Section& s, std::string_view key, Exact& out) {
  std::string text = out.text();
  s.text(key, text, Need::kOptional, [](const std::string& t) {
    const auto v = t.size() <= kExactMax ? Exact::read(t) : std::nullopt;
    const bool prints = v && Exact::read(v->text());  // its exponent may be one too far
    return prints ? "" : "must be a decimal number as text, such as \"0.1\", of at most 32 bytes";
  });
  out = *Exact::read(text);
}

void read_turns(Section& s, PollTiming& t) {
  read_span<Millis>(s, "interval_ms", t.interval, 10, kDayMs);
  read_span<Millis>(s, "jitter_ms", t.jitter, 0, t.interval.count());
  read_span<Millis>(s, "phase_ms", t.phase, 0, t.interval.count());
}

std::string print_turns(const PollTiming& t) {
  return toml_line("interval_ms", std::to_string(t.interval.count())) +
         toml_line("jitter_ms", std::to_string(t.jitter.count())) +
         toml_line("phase_ms", std::to_string(t.phase.count()));
}

void read_endurance(Section& s, PollTiming& t) {
  read_span<std::chrono::seconds>(s, "at_least_every_s", t.at_least_every, 1, 86400);
  s.integer("degrade_after", t.degrade_after, 1, 1000);
  read_span<std::chrono::seconds>(s, "quarantine_max_s", t.quarantine_max, 1, 86400);
}

std::string print_endurance(const PollTiming& t) {
  return toml_line("at_least_every_s", std::to_string(t.at_least_every.count() / 1000)) +
         toml_line("degrade_after", std::to_string(t.degrade_after)) +
         toml_line("quarantine_max_s", std::to_string(t.quarantine_max.count() / 1000));
}

void read_polled_channels(const SourceSection& parent, const ReadChannel& rest) {
  std::set<std::string> names;
  std::size_t count = 0;
  parent.keys.tables("channels", Need::kRequired, [&](const toml::table& table, std::size_t place) {
    Section s(parent.faults, table, parent.where + ".channels[" + std::to_string(place) + "]");
    PolledChannel c = read_channel(s);
    ++count;
    if (!names.insert(c.channel).second) s.fault("channel", c.channel + " is named twice");
    rest(s, std::move(c));
  });
  if (count > limits::kChannels) parent.keys.fault("channels", "at most 32");
  if (count == 0 && parent.keys.has("channels")) parent.keys.fault("channels", "at least one");
}

std::string print_polled(const PolledChannel& c) {
  std::string out =
      fmt::format("channel = {}, unit = {}, exp = {}, scale = {}, offset = {}, round = {}",
                  toml_text(c.channel), toml_text(c.unit), c.exp, toml_text(c.scale.text()),
                  toml_text(c.offset.text()), toml_flag(c.round));
  if (c.deadband > 0) out += ", deadband = " + toml_text(to_decimal(c.deadband, c.exp));
  return out;
}

}  // namespace lotmark::agent
