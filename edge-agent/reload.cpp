#include "edge-agent/reload.h"

#include <sstream>

#include "edge-agent/config/polled.h"

namespace lotmark::agent {

namespace {

// Parts are compared as they are printed: what is not printed is not in force.
std::string fixed_part(const Config& c) {
  Config p = c;
  p.sources.clear();
  p.alarms.clear();
  p.alarm_broker.reset();
  p.webhook_ca.clear();
  p.calibrations.clear();
  p.calibration_days.clear();
  p.broker = {};
  p.consortium.reset();
  p.keys = {};
  const Config defaults;
  p.outbox_max_bytes = defaults.outbox_max_bytes;
  p.outbox_max_age_s = defaults.outbox_max_age_s;
  p.alarm_s = defaults.alarm_s;
  p.resend_s = defaults.resend_s;
  p.window = defaults.window;
  p.backlog_rate = defaults.backlog_rate;
  return print_config(p);
}

std::string connection_part(const Config& c) {
  Config p;
  p.broker = c.broker;
  p.consortium = c.consortium;
  p.keys.reviewers = c.keys.reviewers;
  p.resend_s = c.resend_s;
  p.window = c.window;
  p.backlog_rate = c.backlog_rate;
  std::string out = print_config(p);
  for (const auto& s : c.sources) {  // devices behind the agent: their topics
    if (const auto device = device_of(s); !device.empty()) out += device + "\n";
  }
  return out;
}

std::string keys_part(const Config& c) {
  Config p;
  p.keys = c.keys;
  return print_config(p);
}

std::string alarms_part(const Config& c) {
  Config p;
  p.alarms = c.alarms;
  p.alarm_broker = c.alarm_broker;
  p.webhook_ca = c.webhook_ca;
  return print_config(p);
}

std::string first_difference(const std::string& now, const std::string& next) {
  std::istringstream a(now);
  std::istringstream b(next);
  std::string x;
  std::string y;
  while (std::getline(a, x) && std::getline(b, y)) {
    if (x != y) return y;
  }
  return "a section that came or went";
}

}  // namespace

ReloadPlan plan_reload(const Config& now, const Config& next) {
  ReloadPlan out;
  const auto a = fixed_part(now);
  const auto b = fixed_part(next);
  if (a != b) out.fixed = first_difference(a, b);
  out.keys = keys_part(now) != keys_part(next);
  out.connection = connection_part(now) != connection_part(next);
  out.alarms = alarms_part(now) != alarms_part(next);
  return out;
}

bool same_source(const SourceConfig& a, const SourceConfig& b) {
  return print_source(a) == print_source(b) && heed_the_same(a, b);
}

}  // namespace lotmark::agent
