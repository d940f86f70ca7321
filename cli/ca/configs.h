// The configuration files of brokers, nodes, agents, the API and operators.
#pragma once

#include "cli/ca/layout.h"

namespace lotmark::cli {

// Each is the text of one file. `dir` is where the consortium's folder will stand in the end,
// absolute.
std::string mosquitto_conf(const BrokerPlan& broker, const Layout& dir);
std::string mosquitto_acl(const BrokerPlan& broker, const Founded& founded);
std::string node_toml(const MemberPlan& member, const Founded& founded);
// Without sources of readings: those are the deployer's to add, below what is written here.
std::string agent_toml(const EnrolledPlan& device, const Founded& founded, const Layout& dir);
// At a keeping member with [epcis]: its organisation's events; elsewhere with the public page.
std::string api_toml(const ApiPlan& api, const Founded& founded);
// For an operator of the organisation that runs `member`.
std::string profile_toml(const EnrolledPlan& op, const MemberPlan& member, const Founded& founded);

}  // namespace lotmark::cli
