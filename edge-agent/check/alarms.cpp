// What alarms and the renewal of certificates set off. It is looked for and never run: nobody's siren should sound.
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

}  // namespace

void check_actions(const Config& c, Findings& out) {
  for (const auto& [rule, actions] : c.alarms) {
    if (!actions.run.empty()) out.push_back(program_found("alarm." + rule.name, actions.run[0]));
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
