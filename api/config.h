// The API's configuration: one TOML file, read once. Relative paths are relative to the file's
// folder.
#pragma once

#include <filesystem>

#include "api/access/access_control.h"
#include "api/sightings/sightings.h"
#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/base/result.h"

namespace lotmark::api {

// [epcis]: an organisation's EPCIS events; without it none are served.
struct EpcisConfig {
  std::filesystem::path private_db;  // the enterprise node's (or its standby's), opened read-only
  std::string node;  // URL of the node's control endpoint; empty: nothing is captured here
  KeyId node_kid;
  std::filesystem::path key;  // of an operator of the organisation, which signs for this process
  std::size_t capture_events = 10000;  // in one document
  std::size_t capture_bytes = 16 * 1024 * 1024;
};

// [units]: what is known of single units of a lot; without it that is what the chain says alone.
struct UnitsConfig {
  // Where lists of serials are: enterprises' private.db or their standbys', opened read-only. [epcis]'s is among them anyway.
  std::vector<std::filesystem::path> private_dbs;
  // An agency node's, opened read-only; none: marks on the chain alone are told.
  std::filesystem::path marks_db;
  std::string node;  // URL of the agency node's control endpoint; empty: no marks are taken here
  KeyId node_kid;
  std::filesystem::path key;  // of an operator of the agency, which signs for this process
};

// [access]: who may see more than everybody may; without it nobody has credentials, and nothing limits who has none.
struct AccessConfig {
  access::CallerRules callers;             // organisation, proxies, [[access.certificates]]
  std::vector<access::KeySource> issuers;  // [[access.issuers]]
  std::int64_t nameless_per_minute = 600;  // requests of each address without credentials
  std::int64_t named_per_minute = 3000;    // of each token's subject, of each certificate
  std::int64_t body_mib_per_minute = 64;   // of request bodies, of each of either

  // A tenth of a minute's requests may come at once, and a minute's bodies.
  access::GateRules rates() const;
};

struct ApiConfig {
  // [api]
  std::string address = "127.0.0.1";  // where to listen; behind nginx: loopback
  std::uint16_t port = 8080;          // 0: a free one, told in the log
  std::filesystem::path tls_cert;     // PEM; without it plain HTTP, for loopback behind nginx
  std::filesystem::path tls_key;      // PEM, with tls_cert
  std::filesystem::path chain_db;     // the node's chain.db, opened read-only
  std::filesystem::path anchor;       // the consortium's anchor file
  std::filesystem::path page_dir;     // what `lotmark page` built; none: no page is served
  std::filesystem::path links;        // links.toml: what producers publish; none: only our own
  std::string origin;                 // URL that codes carry: https://lot.example
  unsigned threads = 8;               // that answer requests
  unsigned refresh_ms = 500;          // how often the node's new blocks and votes are looked for
  log::Level log = log::Level::kInfo;
  EpcisConfig epcis;
  std::optional<AccessConfig> access;
  UnitsConfig units;
  SightingRules sightings;  // [sightings]
};

// All faults at once, one a line: file:line: key: what is wrong and what would be right. config.
Result<ApiConfig> read_api_config(const std::filesystem::path& file);
// The configuration as it is in force, defaults included, as TOML.
std::string print_config(const ApiConfig& config);

}  // namespace lotmark::api
