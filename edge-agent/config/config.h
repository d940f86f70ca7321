// The agent's configuration: one TOML file and its drop-ins. README.md beside this describes every key.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "edge-agent/alarm/desk.h"
#include "edge-agent/key/record_key.h"
#include "edge-agent/source/kinds.h"
#include "edge-agent/uplink/answers.h"

namespace lotmark::agent {

struct BrokerConfig {
  std::string url;   // ssl://host:port; tcp:// only to 127.0.0.1, for trials
  std::string ca;    // trusted CA, PEM file
  std::string cert;  // this device's certificate, PEM file
  std::string key;   // its key, PEM file
  // Of [alarms] alone, a site's own broker: as in bus::PahoOptions.
  std::string user{};
  std::string password_file{};
};

struct Config {
  std::string organisation;          // [a-z0-9-]{1,32}, first level of topics
  std::string device;                // [a-z0-9-]{1,32}, second level
  std::filesystem::path state_dir;   // made if it is not there; holds outbox.db
  Digest chain;                      // id of the genesis block
  std::uint64_t bundle_s = 60;       // length of a bundle's window
  std::optional<Checkpoint> anchor;  // known before any ack came
  bool exit_when_done = false;       // end once all replays ended and everything was acked
  std::string log_level = "info";    // debug, info, warn, error
  KeyPlace key;                      // the record key
  BrokerConfig broker;               // of the organisation's devices
  std::optional<BrokerConfig>
      consortium;  // start signals go there too; if absent, to `broker` alone
  std::uint64_t outbox_max_bytes = 256u
                                   << 20;  // when more is unacked, bundles give way or sources wait
  std::uint64_t outbox_max_age_s =
      0;  // bundles older than that give way; 0: none; counted while the agent runs
  unsigned backlog_rate = 256;  // bundles a second of what waited for a connection; 0: any number
  std::uint64_t alarm_s = 300;  // unacked and no progress for so long: outbox.stalled
  std::uint64_t resend_s = 10;  // without progress, everything unacked is sent again
  std::size_t window = 64;      // objects sent and not acked
  TrustedKeys keys;             // of the nodes whose acks and arrivals count
  std::optional<std::uint16_t> metrics_port;  // on 127.0.0.1: /metrics and /healthz
  std::vector<SourceConfig> sources;
  std::vector<AlarmConfig> alarms;
  std::vector<std::string> renewal_command;  // none: certificates are renewed by somebody else
  unsigned renewal_percent = 67;             // of a certificate's life
  std::optional<BrokerConfig> alarm_broker;  // where alarms with a topic go
  std::string webhook_ca;                    // PEM file; empty: the system's
  std::map<std::string, Calibration, std::less<>> calibrations;  // by channel
  // Of them, how long one holds; not in the birth.
  std::map<std::string, std::uint64_t, std::less<>> calibration_days;
  Digest hash;  // SHA-256 of the file; with drop-ins, of the files' hashes
};

// `file`, and the drop-ins of the folder of its name beside it: agent.toml, agent.d/*.toml. All faults of all files at
// once, one a line, as "file:line: key: what".
Result<Config> load_config(const std::filesystem::path& file);
// What is in force, defaults included, as TOML.
std::string print_config(const Config& config);
// The same, with a remark behind each value: the file and line it came from, or "default".
Result<std::string> show_config(const std::filesystem::path& file);
// One source's section of it.
std::string print_source(const SourceConfig& source);

}  // namespace lotmark::agent
