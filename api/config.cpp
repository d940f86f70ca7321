#include "api/config.h"

#include "api/config_access.h"
#include "api/config_table.h"
#include "api/config_units.h"
#include "core/base/hex.h"

namespace lotmark::api {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTables[] = {"api", "epcis", "access", "units", "sightings"};

void read_origin(ConfigTable& t, ApiConfig& c) {
  t.text("origin", c.origin, true);
  while (c.origin.ends_with('/')) c.origin.pop_back();
  const bool url = c.origin.starts_with("https://") || c.origin.starts_with("http://");
  if (!c.origin.empty() && !url) t.fault_at("origin", "must be a URL: https://lot.example");
}

void read_epcis(ConfigTable& t, EpcisConfig& c) {
  t.path("private_db", c.private_db, true);
  t.text("node", c.node, false);
  std::string kid;
  t.text("node_kid", kid, false);
  t.path("key", c.key, false);
  t.number("capture_events", c.capture_events, 1, 10'000);
  t.number("capture_bytes", c.capture_bytes, 1024, 16 * 1024 * 1024);
  const auto id = fixed_from_hex<KeyId>(kid);
  if (id) c.node_kid = *id;
  else if (!kid.empty()) t.fault_at("node_kid", "must be a kid: 32 hex digits");
  if (t.is_there() && (c.node.empty() != kid.empty() || kid.empty() != c.key.empty()))
    t.fault_at("node", "node, node_kid and key go together");
}

void read_log(ConfigTable& t, ApiConfig& c) {
  std::string level = "info";
  t.text("log", level, false);
  if (!log::level_from(level, c.log)) t.fault_at("log", "must be debug, info, warn or error");
}

std::string_view word(log::Level level) {
  switch (level) {
    case log::Level::kDebug: return "debug";
    case log::Level::kInfo: return "info";
    case log::Level::kWarn: return "warn";
    case log::Level::kError: return "error";
  }
  return "info";
}

}  // namespace

Result<ApiConfig> read_api_config(const fs::path& file) {
  toml::table root;
  try {
    root = toml::parse_file(file.string());
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig,
                fmt::format("{}:{}: {}", file.string(), e.source().begin.line, e.description()));
  }
  ApiConfig c;
  ConfigFaults faults(file);
  for (const auto& [k, v] : root) {
    if (std::ranges::find(kTables, k.str()) == std::end(kTables))
      faults.add(&v, k.str(),
                 "unknown table: there are [api], [epcis], [access], [units] and [sightings]");
    else if (!v.is_table()) faults.add(&v, k.str(), "must be a table");
  }
  ConfigTable t(faults, "api", root["api"].as_table());
  if (!t.is_there()) faults.add(nullptr, "api", "the table [api] is missing");
  t.text("address", c.address, false);
  t.number("port", c.port, 0, 65535);
  t.path("tls_cert", c.tls_cert, false);
  t.path("tls_key", c.tls_key, false);
  if (c.tls_cert.empty() != c.tls_key.empty())
    t.fault_at("tls_cert", "tls_cert and tls_key go together");
  t.path("chain_db", c.chain_db, true);
  t.path("anchor", c.anchor, true);
  t.path("page_dir", c.page_dir, false, true);
  t.path("links", c.links, false);
  read_origin(t, c);
  t.number("threads", c.threads, 1, 64);
  t.number("refresh_ms", c.refresh_ms, 10, 60000);
  read_log(t, c);
  t.finish();
  ConfigTable epcis(faults, "epcis", root["epcis"].as_table());
  read_epcis(epcis, c.epcis);
  epcis.finish();
  if (const auto* table = root["access"].as_table()) {
    ConfigTable access(faults, "access", table);
    c.access = read_access(access);
    if (!c.epcis.private_db.empty() && c.epcis.node.empty())
      epcis.fault_at("node", "is missing: with [access], what is read is logged by the node");
  }
  ConfigTable units(faults, "units", root["units"].as_table());
  c.units = read_units(units);
  ConfigTable sightings(faults, "sightings", root["sightings"].as_table());
  c.sightings = read_sightings(sightings);
  if (!faults.text().empty()) return fail(Errc::kConfig, faults.text());
  return c;
}

std::string print_config(const ApiConfig& c) {
  const toml::table api{{"address", c.address},
                        {"port", c.port},
                        {"tls_cert", c.tls_cert.string()},
                        {"tls_key", c.tls_key.string()},
                        {"chain_db", c.chain_db.string()},
                        {"anchor", c.anchor.string()},
                        {"page_dir", c.page_dir.string()},
                        {"links", c.links.string()},
                        {"origin", c.origin},
                        {"threads", c.threads},
                        {"refresh_ms", c.refresh_ms},
                        {"log", std::string(word(c.log))}};
  toml::table root;
  root.insert("api", api);
  if (!c.epcis.private_db.empty()) {
    toml::table epcis{{"private_db", c.epcis.private_db.string()},
                      {"capture_events", static_cast<std::int64_t>(c.epcis.capture_events)},
                      {"capture_bytes", static_cast<std::int64_t>(c.epcis.capture_bytes)}};
    if (!c.epcis.node.empty()) {
      epcis.insert("node", c.epcis.node);
      epcis.insert("node_kid", to_hex(c.epcis.node_kid));
      epcis.insert("key", c.epcis.key.string());
    }
    root.insert("epcis", epcis);
  }
  if (c.access) root.insert("access", access_toml(*c.access));
  if (auto units = units_toml(c.units); !units.empty()) root.insert("units", std::move(units));
  root.insert("sightings", sightings_toml(c.sightings));
  for (auto* t = root["api"].as_table();
       const char* key : {"tls_cert", "tls_key", "page_dir", "links"}) {
    if ((*t)[key].value_or(std::string_view{}).empty()) t->erase(key);  // as if it was not given
  }
  std::ostringstream out;
  out << root << "\n";
  return out.str();
}

}  // namespace lotmark::api
