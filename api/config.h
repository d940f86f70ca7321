// The API's configuration: one TOML file, read once. Relative paths are relative to the file's
// folder.
#pragma once

#include <filesystem>

#include "core/base/log.h"
#include "core/base/result.h"

namespace lotmark::api {

struct ApiConfig {
  // [api]
  std::string address = "127.0.0.1";  // where to listen; behind nginx: loopback
  std::uint16_t port = 8080;          // 0: a free one, told in the log
  std::filesystem::path tls_cert;     // PEM; without it plain HTTP, for loopback behind nginx
  std::filesystem::path tls_key;      // PEM, with tls_cert
  std::filesystem::path chain_db;     // the node's chain.db, opened read-only
  std::filesystem::path anchor;       // the consortium's anchor file
  std::filesystem::path page_dir;     // what `lotmark page` built; none: no page is served
  std::string origin;                 // URL that codes carry: https://lot.example
  unsigned threads = 4;               // that answer requests
  unsigned refresh_ms = 500;          // how often the node's new blocks and votes are looked for
  log::Level log = log::Level::kInfo;
};

// All faults at once, one a line: file:line: key: what is wrong and what would be right. config.
Result<ApiConfig> read_api_config(const std::filesystem::path& file);
// The configuration as it is in force, defaults included, as TOML.
std::string print_config(const ApiConfig& config);

}  // namespace lotmark::api
