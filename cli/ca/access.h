// Who may do what on a broker, by topic. One list, from which Mosquitto's ACL and nats-server's users are written, so
// that a device may do the same with either.
#pragma once

#include <string>
#include <vector>

#include "cli/ca/description.h"

namespace lotmark::cli {

// MQTT topics and filters (one + stands for one level; # is not used).
struct BrokerUser {
  std::string name;  // the CN of the certificate: organisation/name
  std::vector<std::string> writes;
  std::vector<std::string> reads;
};

// Devices first, then members, in the description's order; those that have no business at `broker` are left out.
std::vector<BrokerUser> broker_users(const BrokerPlan& broker, const ConsortiumPlan& plan);
// Those of all brokers that NATS serves, each user once: its servers are one broker.
std::vector<BrokerUser> nats_device_users(const ConsortiumPlan& plan);

}  // namespace lotmark::cli
