// What sets alarms off, and what they and the renewal of certificates set off: that is looked for and never run, for nobody's
// siren should sound.
#include <algorithm>

#include "edge-agent/check/check.h"
#include "edge-agent/source/probe.h"

namespace lotmark::agent {

namespace {

Finding found(const std::string& name, const Status& status, const std::string& well) {
  if (!status) return {name, Mark::kFault, status.error().message()};
  return {name, Mark::kOk, well};
}

Finding program_found(const std::string& name, const std::string& program) {
  return found(name, probe_program(program), program + " can be run");
}

// Without text there was nothing to look for.
Finding alarm_found(const Config& c, const AlarmConfig& alarm) {
  const auto& [rule, actions] = alarm;
  Finding out{"alarm." + rule.name, Mark::kOk, ""};
  if (!actions.run.empty()) out = program_found(out.name, actions.run[0]);
  if (may_feed(c.sources, rule.channel)) return out;
  out.mark = std::max(out.mark, Mark::kWarn);
  out.text += (out.text.empty() ? "" : "; ") + std::string("no source has channel ") + rule.channel;
  return out;
}

}  // namespace

void check_actions(const Config& c, Findings& out) {
  for (const auto& alarm : c.alarms) {
    if (auto f = alarm_found(c, alarm); !f.text.empty()) out.push_back(std::move(f));
  }
  if (!c.webhook_ca.empty()) {
    out.push_back(
        found("alarms.webhook_ca", probe_file(c.webhook_ca), c.webhook_ca + " can be read"));
  }
  if (!c.renewal_command.empty()) {
    out.push_back(program_found("renewal", c.renewal_command[0]));
  }
}

}  // namespace lotmark::agent
