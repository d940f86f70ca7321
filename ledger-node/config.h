// A node's configuration: one TOML file, read once. Relative paths are relative to the file's folder.
#pragma once

#include <filesystem>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "ledger-node/sealing_config.h"

namespace lotmark::node {

struct TlsFiles {
  std::filesystem::path ca;    // PEM: whom we trust
  std::filesystem::path cert;  // PEM: our chain
  std::filesystem::path key;   // PEM, 0600
};

struct PeerAddress {
  std::string name;
  KeyId kid;
  std::string url;  // https://host:port
};

// A standby of this node: who may copy its private rows, and without whose copy nothing binding leaves.
struct StandbyAddress {
  std::string name;
  PublicKey key;
};

// What a standby copies.
struct StandbyOf {
  std::string url;  // https://host:port of the enterprise's node
  KeyId kid;
};

// How many lots an enterprise says it can make (docs/operate/running.md, limits).
struct CapacityEntry {
  std::string organisation;
  std::uint64_t lots = 0;
  std::uint64_t period_s = 86400;
};

// How long a calibration holds for a channel, by a reviewer's own rules (docs/operate/running.md, calibration).
struct CalibrationEntry {
  std::string channel;
  std::uint64_t days = 365;
  bool refuse = false;  // overdue = "refuse"
};

struct LimitConfig {
  std::uint64_t finality_s = 30;    // alarm: a block waits longer for its quorum
  std::uint64_t starts_hour = 600;  // start signals of one device
  std::uint64_t open_lots = 1000;   // of one enterprise at a reviewer: opened, not applied for
  std::uint64_t opening_days = 90;  // after its last slot an opening is not applied for any more
};

// Marks of use at an agency's node (docs/operate/running.md, marks of use).
struct MarksConfig {
  std::uint64_t report_s = 60;        // how long a mark waits for others before a report counts it
  std::uint64_t days_back = 30;       // older marks are refused
  std::uint64_t signer_day = 50'000;  // marks of one signer in 24 h
};

struct NodeConfig {
  // [node]
  std::string name;                // the member's name, for logs
  std::string organisation;        // as in the membership statement
  std::filesystem::path key;       // record key, PEM, 0600
  std::filesystem::path anchor;    // the consortium's anchor file
  std::filesystem::path data_dir;  // chain.db, private.db, order.db; made if missing
  log::Level log = log::Level::kInfo;
  std::uint64_t chain_check_s =
      0;  // from the end of a check of chain.db to the next; 0: only when asked. 86400 in files
  unsigned poll_ms = 200;  // how often other nodes are asked for blocks and votes
  // local: the primary's own database is the order, and an operator's delegation moves the role. jetstream: NATS
  // JetStream is the order and its lease moves the role (docs/operate/ordering.md).
  std::string ordering = "local";
  bool follow = false;  // the key need not be a member's: without a role the node follows the chain
  std::optional<KeyId> primary;  // local: who orders in term 0
  // [peer]: HTTPS between nodes
  std::string peer_address = "127.0.0.1";
  std::uint16_t peer_port = 0;
  TlsFiles peer_tls;
  // [control]: for operators, loopback
  std::string control_address = "127.0.0.1";
  std::uint16_t control_port = 0;
  bool open_metrics = false;  // /metrics without a token
  // Names of the operators who may do more than bring marks of use, beside the node's own key; nothing: all of the
  // organisation's. An agency's shops are operators, too.
  std::optional<std::vector<std::string>> control_operators;
  // [broker]: keeping and reviewing nodes; empty url: none
  std::string broker_url;
  TlsFiles broker_tls;
  // [enterprise], [review]
  std::vector<std::filesystem::path> lines;  // line files
  std::uint64_t bundle_s = 3600;             // window a bundle may not cross
  std::uint64_t check_s = 21600;             // between two looks through all private rows
  std::uint64_t second_every = 20;  // one released lot in so many is reviewed again; 0: none
  std::vector<CalibrationEntry> calibration;  // [[calibration]]
  // [order]: of supervisory nodes where ordering is jetstream
  std::vector<std::string> order_servers;  // tls://host:port
  TlsFiles order_tls;
  unsigned order_replicas = 3;
  // [cut] every_h: seconds between audit rounds, at which the primary proposes a cut
  std::uint64_t cut_every_s = 720 * 3600;
  // [[standbys]]: of an enterprise's node
  std::vector<StandbyAddress> standbys;
  // [webhooks]: of an enterprise's node
  std::vector<std::string> webhooks_allow;  // URLs under which subscribers may be called
  std::filesystem::path webhooks_ca;        // PEM: what https ones among them are judged by
  // [standby]: this node is one
  std::optional<StandbyOf> standby;
  // [sealing]: of nodes with private rows; nothing: segments are kept in the clear
  std::optional<SealingConfig> sealing;
  // [limits], [[capacity]]
  LimitConfig limits;
  std::vector<CapacityEntry> capacity;
  // [marks]: of an agency's node
  MarksConfig marks;
  // [[peers]]
  std::vector<PeerAddress> peers;
};

// All faults at once, one a line: file:line: key: what is wrong and what would be right.
Result<NodeConfig> read_node_config(const std::filesystem::path& file);
// The configuration as it is in force, defaults included, as TOML.
std::string print_config(const NodeConfig& config);

}  // namespace lotmark::node
