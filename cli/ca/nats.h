// Configurations of nats-server 2.9 (Debian 12): JetStream that orders blocks (account LEDGER), MQTT 3.1.1 for devices
// (account DEVICES), and administration (account SYS and one user of LEDGER a supervising organisation). What each
// permission is for: docs/operate/ordering.md.
#pragma once

#include "cli/ca/layout.h"

namespace lotmark::cli {

// CNs of what has no place on the chain. No organisation may be called so: a device of it would get such a name.
inline constexpr const char* kNatsServer =
    "nats-server";  // and /SERVER: proves who listens, no user
inline constexpr const char* kNatsRoute =
    "nats-route";  // and /SERVER: between servers, of the routes' own CA
inline constexpr const char* kNatsAdmin = "nats-admin";  // and /ORGANISATION: streams of the ledger
inline constexpr const char* kNatsSystem =
    "nats-system";  // and /ORGANISATION: the servers themselves

// The organisations that run servers, each once, in the description's order.
std::vector<std::string> nats_organisations(const NatsPlan& nats);

// nats-server.conf, whole. `dir` is where the consortium's folder will stand in the end, absolute.
std::string nats_conf(const NatsServerPlan& server, const Founded& founded, const Layout& dir);
// [order] of a supervising member's node.toml; empty if blocks are not ordered by JetStream. The organisation's own
// server comes first, so that no server's end takes the order from all nodes at once.
std::string order_section(const ConsortiumPlan& plan, const std::string& organisation);

}  // namespace lotmark::cli
