#include "edge-agent/config/alarms.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/wire/limits.h"
#include "core/wire/values.h"
#include "edge-agent/config/rules.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kAlarmsMax = 256;

std::string check_webhook(const std::string& s) {
  if (s.starts_with("https://") || s.starts_with("http://127.0.0.1:")) return "";
  return "must begin with https:// (or http://127.0.0.1: for trials)";
}
std::string check_topic(const std::string& s) {
  if (s.empty() || s.size() > 256) return "must have 1 to 256 bytes";
  return s.find_first_of("+#") == std::string::npos ? "" : "a topic has no + or #";
}

// A number of the channel's unit: 8, or "7.5" as a text, since a binary float is another number.
std::optional<Decimal> read_limit(Section& s, std::string_view key) {
  const auto* node = s.take(key, Need::kOptional);
  if (node == nullptr) return std::nullopt;
  if (const auto v = node->value_exact<std::int64_t>()) {
    if (*v >= -9007199254740991 && *v <= 9007199254740991) return Decimal{*v, 0};
  } else if (const auto text = node->value_exact<std::string>()) {
    if (const auto d = parse_decimal(*text)) return d;
  }
  s.fault(key, "must be an integer, or a decimal in quotes such as \"7.5\"", node);
  return Decimal{};
}

void read_condition(Section& s, AlarmRule& rule) {
  const auto above = read_limit(s, "above");
  const auto below = read_limit(s, "below");
  std::uint64_t silent = 0;
  std::uint64_t delay = 0;
  s.integer("silent_s", silent, 1, 31'536'000);
  s.integer("delay_s", delay, 0, 31'536'000);
  rule.clear = read_limit(s, "clear");
  if (int{above.has_value()} + int{below.has_value()} + int{silent != 0} != 1) {
    s.fault("above", "give one of above, below and silent_s");
  }
  if (silent != 0 && (delay != 0 || rule.clear)) {
    s.fault("silent_s", "needs neither delay_s nor clear");
  }
  rule.kind = above ? AlarmKind::kAbove : below ? AlarmKind::kBelow : AlarmKind::kSilent;
  rule.limit = above.value_or(below.value_or(Decimal{}));
  rule.delay = std::chrono::seconds(silent != 0 ? silent : delay);
  const int order = rule.clear ? compare(*rule.clear, rule.limit) : 0;
  if ((above && order > 0) || (below && order < 0)) s.fault("clear", "must lie within the limit");
}

AlarmConfig read_alarm(Section& s) {
  AlarmConfig a;
  s.text("name", a.rule.name, Need::kRequired, check_name);
  s.text("channel", a.rule.channel, Need::kRequired, check_channel);
  read_condition(s, a.rule);
  s.texts("run", a.actions.run, Need::kOptional);
  s.text("webhook", a.actions.webhook, Need::kOptional, check_webhook);
  s.text("mqtt", a.actions.mqtt, Need::kOptional, check_topic);
  return a;
}

std::string number(const Decimal& d) { return toml_text(to_decimal(d.value, d.exp)); }

std::string print_alarm(const AlarmConfig& a) {
  const AlarmRule& r = a.rule;
  std::string out = "\n[[alarm]]\n" + toml_line("name", toml_text(r.name)) +
                    toml_line("channel", toml_text(r.channel));
  const std::string delay = std::to_string(r.delay.count());
  if (r.kind == AlarmKind::kSilent) {
    out += toml_line("silent_s", delay);
  } else {
    out += toml_line(r.kind == AlarmKind::kAbove ? "above" : "below", number(r.limit));
    out += toml_line("delay_s", delay);
    if (r.clear) out += toml_line("clear", number(*r.clear));
  }
  if (!a.actions.run.empty()) out += toml_line("run", toml_array(a.actions.run, toml_text));
  if (!a.actions.webhook.empty()) out += toml_line("webhook", toml_text(a.actions.webhook));
  if (!a.actions.mqtt.empty()) out += toml_line("mqtt", toml_text(a.actions.mqtt));
  return out;
}

}  // namespace

namespace {

// A site's own: it may know its clients by name and password in place of a certificate.
BrokerConfig read_site_broker(Section& s) {
  BrokerConfig b;
  s.text("user", b.user, Need::kOptional, check_not_empty);
  s.text("password_file", b.password_file, Need::kOptional, check_not_empty);
  if (b.user.empty() && !b.password_file.empty()) s.fault("user", "is needed with password_file");
  const BrokerConfig rest = read_broker(s, b.user.empty() ? Need::kRequired : Need::kOptional);
  b.url = rest.url;
  b.ca = rest.ca;
  b.cert = rest.cert;
  b.key = rest.key;
  if (b.cert.empty() != b.key.empty())
    s.fault(b.cert.empty() ? "cert" : "key", "cert and key come together");
  return b;
}

}  // namespace

void read_alarms(Faults& faults, Section& root, Config& c) {
  if (const auto* table = root.table("alarms", Need::kOptional)) {
    Section s(faults, *table, "alarms");
    s.text("webhook_ca", c.webhook_ca, Need::kOptional, check_not_empty);
    if (s.has("url") || !s.has("webhook_ca")) c.alarm_broker = read_site_broker(s);
  }
  root.tables("alarm", Need::kOptional, [&](const toml::table& table, std::size_t place) {
    Section s(faults, table, "alarm[" + std::to_string(place) + "]");
    c.alarms.push_back(read_alarm(s));
  });
}

void read_calibrations(Faults& faults, Section& root, Config& c) {
  root.tables("calibration", Need::kOptional, [&](const toml::table& table, std::size_t place) {
    Section s(faults, table, "calibration[" + std::to_string(place) + "]");
    std::string channel;
    Calibration k;
    s.text("channel", channel, Need::kRequired, check_channel);
    s.text("certificate", k.certificate, Need::kRequired, check_text);
    s.integer("date", k.date, 20000101, 99991231, Need::kRequired);
    s.integer("exp", k.exp.value, -18, 18, Need::kRequired);
    s.integer("offset", k.offset, -9007199254740991, 9007199254740991);
    s.integer("accuracy", k.accuracy, 0, 9007199254740991, Need::kRequired);
    if (s.has("date") && !valid(Expiry{k.date})) s.fault("date", "must be a day as YYYYMMDD");
    std::uint64_t days = 0;
    s.integer("days", days, 1, 36500);
    if (days != 0) c.calibration_days[channel] = days;
    if (!c.calibrations.emplace(channel, std::move(k)).second) {
      s.fault("channel", "the channel " + channel + " is calibrated twice");
    }
  });
}

void check_alarms(Faults& faults, Section& root, const Config& c) {
  if (c.calibrations.size() > limits::kSources)
    root.fault("calibration", "at most 64: a birth tells no more");
  if (c.alarms.size() > kAlarmsMax) root.fault("alarm", "at most 256");
  std::set<std::string> names;
  root.tables("alarm", Need::kOptional, [&](const toml::table& table, std::size_t place) {
    const auto& a = c.alarms[place];
    const std::string& name = a.rule.name;
    const auto fault = [&](std::string_view key, const std::string& what) {
      faults.add(table, fmt::format("alarm[{}]", place), key, what);
    };
    if (!name.empty() && !names.insert(name).second)
      fault("name", "the name " + name + " is given twice");
    if (!a.actions.mqtt.empty() && !c.alarm_broker)
      fault("mqtt", name + ": mqtt needs a broker: [alarms] url");
    for (const auto& source : c.sources) {
      if (a.rule.kind == AlarmKind::kSilent && recorded(source) &&
          std::ranges::count(channels_of(source), a.rule.channel) != 0) {
        fault("silent_s", name + ": a recorded input is never silent");
      }
    }
  });
}

std::string print_alarms(const Config& c) {
  std::string out;
  if (c.alarm_broker) out += print_broker("alarms", *c.alarm_broker);
  if (!c.webhook_ca.empty()) {
    out +=
        (c.alarm_broker ? "" : "\n[alarms]\n") + toml_line("webhook_ca", toml_text(c.webhook_ca));
  }
  for (const auto& a : c.alarms) out += print_alarm(a);
  for (const auto& [channel, k] : c.calibrations) {
    out += "\n[[calibration]]\n" + toml_line("channel", toml_text(channel)) +
           toml_line("certificate", toml_text(k.certificate)) +
           toml_line("date", std::to_string(k.date)) +
           toml_line("exp", std::to_string(k.exp.value)) +
           toml_line("offset", std::to_string(k.offset)) +
           toml_line("accuracy", std::to_string(k.accuracy));
    const auto days = c.calibration_days.find(channel);
    if (days != c.calibration_days.end()) out += toml_line("days", std::to_string(days->second));
  }
  return out;
}

}  // namespace lotmark::agent
