// A consortium as its founders describe it: consortium.toml, read whole, every fault named at once.
// Keys and defaults: docs/operate/consortium.md.
#pragma once

#include <filesystem>
#include <map>

#include "cli/faults.h"
#include "core/wire/public_level.h"

namespace lotmark::cli {

// A key made elsewhere is given by its public half; else ca init makes one.
using GivenKey = std::optional<PublicKey>;

struct MemberPlan {
  unsigned line = 0;
  std::string name;  // of the node; names its folder too
  std::vector<Role> roles;
  std::string organisation;
  std::string area;
  std::vector<std::string> prefixes;
  std::vector<std::string> reviews;  // programme ids
  std::string host = "127.0.0.1";    // where the others reach it
  std::uint64_t peer_port = 0;
  std::uint64_t control_port = 0;  // on the node's own loopback
  std::uint64_t bundle_s = 3600;
  std::string data_dir = "data";  // on its machine; relative to node.toml
  GivenKey key;
  GivenKey opening_key;  // of a keeping or reviewing one whose keys are made where it runs

  bool has(Role r) const { return std::find(roles.begin(), roles.end(), r) != roles.end(); }
};

// A device, a start-signal device or an operator: what statement 0 enrols.
struct EnrolledPlan {
  unsigned line = 0;
  EnrolmentKind kind = EnrolmentKind::kDevice;
  std::string name;
  std::string organisation;
  std::string site;
  std::string gateway;  // of a start device: the device whose agent carries its signals
  std::vector<EnrolledChannel> channels;
  GivenKey key;
  // It makes its key itself and is enrolled later (ca invite): no key and no enrolment are made of it here.
  bool invite = false;
  // Nobody's: by this key an API brings its organisation's node what was captured. It stands in the API's folder.
  bool api = false;
};

struct StepPlan {
  std::string label;
  std::vector<std::string> devices;  // names, of the line's organisation
  std::vector<std::string> channels;
  Limits limits;
  std::string author;  // operator's name
  std::uint64_t interval_ms = 0;
};

struct LinePlan {
  unsigned line = 0;
  std::string name;
  std::string organisation;
  std::vector<StepPlan> steps;
};

struct ProgrammePlan {
  unsigned line = 0;
  Programme body;                  // all but its lines
  std::vector<std::string> lines;  // names of line definitions
};

struct BrokerPlan {
  unsigned line = 0;
  std::string name;
  std::vector<std::string> organisations;  // whose devices connect here
  bool consortium = false;                 // reviewers hear start signals here
  std::string nats;                        // the NATS server that is this broker; empty: Mosquitto
  std::string host = "127.0.0.1";          // with `nats` that server's, and its mqtt_port
  std::uint64_t port = 0;
  std::string folder;  // where its machine will have these files; empty: where they are made
};

struct NatsServerPlan {
  unsigned line = 0;
  std::string name;
  std::string organisation;  // supervising; who runs it
  std::string host = "127.0.0.1";
  std::uint64_t client_port = 0;
  std::uint64_t cluster_port = 0;  // 0: a server alone
  std::uint64_t mqtt_port = 0;     // 0: no devices here
  std::uint64_t monitor_port = 0;  // on its own loopback; 0: none
};

struct NatsPlan {
  unsigned line = 0;
  std::uint64_t replicas = 0;     // of each stream
  std::uint64_t store_mb = 8192;  // of disk, on each server
  std::vector<NatsServerPlan> servers;

  const NatsServerPlan* server(std::string_view name) const;
};

struct ApiPlan {
  unsigned line = 0;
  std::string name;
  std::string member;  // the node whose chain it reads
  std::string host = "127.0.0.1";
  std::uint64_t port = 0;
  std::string origin;  // where people reach it: https://...
  GivenKey key;        // of one at a keeping member
};

struct ConsortiumPlan {
  std::string name;
  std::uint64_t quorum = 0;
  std::string primary;             // member's name
  std::filesystem::path root_key;  // PEM made before; empty: a new one
  std::vector<MemberPlan> members;
  std::vector<EnrolledPlan> enrolled;
  std::vector<LinePlan> lines;
  std::vector<ProgrammePlan> programmes;
  std::vector<BrokerPlan> brokers;
  std::vector<ApiPlan> apis;
  std::string ordering = "local";  // or jetstream: docs/adr/0005
  NatsPlan nats;

  bool jetstream() const { return ordering == "jetstream"; }
  bool nats_brokers() const;
  // The keeping member at which an API stands, whose organisation's events it serves; null: it serves none.
  const MemberPlan* keeper_of(const ApiPlan& api) const;
  const MemberPlan* member(std::string_view name) const;
  const LinePlan* line(std::string_view name) const;
  const EnrolledPlan* enrolled_name(std::string_view organisation, std::string_view name) const;
  const BrokerPlan* broker_of(std::string_view organisation) const;
  const BrokerPlan* consortium_broker() const;
};

// config with all faults, of form and of sense; io if the file cannot be read.
Result<ConsortiumPlan> read_consortium(const std::filesystem::path& file);

// What no single table shows: names that refer to nothing, names twice, quorum, ports. Notes
// faults.
void check_consortium(const ConsortiumPlan& plan, Faults& faults);

}  // namespace lotmark::cli
