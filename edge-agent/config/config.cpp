#include "edge-agent/config/config.h"

#include <fmt/format.h>

#include <map>

#include "core/base/hex.h"
#include "core/crypto/token_key.h"
#include "core/wire/limits.h"
#include "edge-agent/config/alarms.h"
#include "edge-agent/config/files.h"
#include "edge-agent/config/polled.h"
#include "edge-agent/config/sources.h"

namespace lotmark::agent {

namespace {

void read_digest(Section& s, std::string_view key, Digest& out) {
  std::string text;
  s.text(key, text, Need::kRequired, check_digest);
  if (auto d = fixed_from_hex<Digest>(text)) out = *d;
}

void read_keys(Section& s, std::string_view key, std::vector<PublicKey>& out, Need need) {
  std::vector<std::string> texts;
  s.texts(key, texts, need, check_point);
  for (const auto& text : texts) out.push_back(*fixed_from_hex<PublicKey>(text));
}

void read_agent(Faults& faults, Section& root, Config& c) {
  const auto* table = root.table("agent", Need::kRequired);
  if (table == nullptr) return;
  Section s(faults, *table, "agent");
  s.text("organisation", c.organisation, Need::kRequired, check_name);
  s.text("device", c.device, Need::kRequired, check_name);
  std::string dir;
  s.text("state_dir", dir, Need::kRequired, check_not_empty);
  c.state_dir = dir;
  read_digest(s, "chain", c.chain);
  s.integer("bundle_s", c.bundle_s, 1, 86400);
  s.flag("exit_when_done", c.exit_when_done);
  s.text("log_level", c.log_level, Need::kOptional, one_of({"debug", "info", "warn", "error"}));
  if (const auto* anchor = s.table("anchor", Need::kOptional)) {
    Section a(faults, *anchor, "agent.anchor");
    Checkpoint point;
    a.integer("size", point.size, 1, limits::kIntMax, Need::kRequired);
    read_digest(a, "root", point.root);
    c.anchor = point;
  }
}

void read_rest(Faults& faults, Section& root, Config& c) {
  if (const auto* key = root.table("key", Need::kRequired)) {
    Section s(faults, *key, "key");
    std::string file;
    s.text("file", file, Need::kOptional, check_not_empty);
    c.key.file = file;
    s.text("uri", c.key.uri, Need::kOptional, check_token_uri);
    if (s.has("file") == s.has("uri")) s.fault("file", "give either file or uri");
  }
  if (const auto* b = root.table("broker", Need::kRequired)) {
    Section s(faults, *b, "broker");
    c.broker = read_broker(s);
  }
  if (const auto* b = root.table("consortium", Need::kOptional)) {
    Section s(faults, *b, "consortium");
    c.consortium = read_broker(s);
  }
  if (const auto* outbox = root.table("outbox", Need::kOptional)) {
    Section s(faults, *outbox, "outbox");
    s.integer("max_bytes", c.outbox_max_bytes, 1 << 20, std::int64_t{1} << 40);
    s.integer("max_age_s", c.outbox_max_age_s, 0, std::int64_t{366} * 86400);
    s.integer("backlog_rate", c.backlog_rate, 0, 1000000);
    s.integer("alarm_s", c.alarm_s, 1, 30 * 86400);
    s.integer("resend_s", c.resend_s, 1, 3600);
    s.integer("window", c.window, 1, 4096);
  }
  if (const auto* metrics = root.table("metrics", Need::kOptional)) {
    Section s(faults, *metrics, "metrics");
    std::string listen;
    s.text("listen", listen, Need::kRequired, check_listen);
    c.metrics_port = loopback_port(listen);
  }
  if (const auto* renewal = root.table("renewal", Need::kOptional)) {
    Section s(faults, *renewal, "renewal");
    s.texts("command", c.renewal_command);
    if (s.has("command") && c.renewal_command.empty()) s.fault("command", "must not be empty");
    s.integer("at_percent", c.renewal_percent, 0, 99);
  }
  if (const auto* node = root.table("node", Need::kRequired)) {
    Section s(faults, *node, "node");
    read_keys(s, "enterprise", c.keys.enterprise, Need::kRequired);
    read_keys(s, "reviewers", c.keys.reviewers, Need::kOptional);
    if (s.has("enterprise") && c.keys.enterprise.empty()) s.fault("enterprise", "at least one key");
  }
}

using Tables = std::vector<const toml::table*>;  // in the order of what was read of them

// A renewal makes a new key: a second certificate over the same file would lose its own.
void check_renewal(Section& root, const Config& c) {
  if (c.renewal_command.empty()) return;
  std::map<std::string, std::string> cert_of;
  for (const auto* b : {&c.broker, c.consortium ? &*c.consortium : nullptr,
                        c.alarm_broker ? &*c.alarm_broker : nullptr}) {
    if (b == nullptr || b->key.empty()) continue;
    const auto& cert = cert_of.emplace(b->key, b->cert).first->second;
    if (cert != b->cert)
      root.fault("renewal", fmt::format("{} and {} have one key, {}: give each its own", cert,
                                        b->cert, b->key));
  }
}

// What joins several sources: each fault stands at the later of them, and names the earlier.
void check_sources(Faults& faults, const Tables& tables, Section& root, const Config& c) {
  std::set<std::string> names;
  std::map<std::string, std::string> channels;  // the source of each
  bool behind = false;                          // a device that signs for itself
  for (std::size_t i = 0; i < c.sources.size(); ++i) {
    const auto& source = c.sources[i];
    const auto fault = [&](std::string_view key, const std::string& what) {
      faults.add(*tables[i], fmt::format("source[{}]", i), key, what);
    };
    if (!source.name.empty() && !names.insert(source.name).second)
      fault("name", "the name " + source.name + " is given twice");
    for (const auto& channel : channels_of(source)) {
      const auto [first, fresh] = channels.emplace(channel, source.name);
      if (!fresh)
        fault("channels", fmt::format("the channel {} is fed by two sources: {} has it too",
                                      channel, first->second));
    }
    if (device_of(source) == c.device && !c.device.empty())
      fault("device", "must differ from the agent's own");
    behind = behind || !device_of(source).empty();
  }
  if (behind && c.keys.reviewers.empty()) {
    root.fault("node.reviewers", "needed: a start signal waits for a reviewer's arrival");
  }
}

}  // namespace

BrokerConfig read_broker(Section& s, Need certificate) {
  BrokerConfig b;
  s.text("url", b.url, Need::kRequired, check_url);
  const bool plain = b.url.starts_with("tcp://");
  s.text("ca", b.ca, plain ? Need::kOptional : Need::kRequired);
  s.text("cert", b.cert, plain ? Need::kOptional : certificate);
  s.text("key", b.key, plain ? Need::kOptional : certificate);
  return b;
}

Error faults_error(const Faults& faults) {
  std::string all;
  for (const auto& line : faults.lines()) all += (all.empty() ? "" : "\n") + line;
  return fail(Errc::kConfig, all);
}

Config config_of(const ConfigFiles& files, Faults& faults) {
  if (!faults.lines().empty()) faults.set_incomplete();
  Config c;
  c.hash = files.hash;
  Section root(faults, files.table, "");
  read_agent(faults, root, c);
  read_rest(faults, root, c);
  Tables tables;
  root.tables("source", Need::kRequired, [&](const toml::table& t, std::size_t place) {
    tables.push_back(&t);
    c.sources.push_back(read_source(faults, t, place, c.organisation + "_" + c.device));
  });
  read_alarms(faults, root, c);
  read_calibrations(faults, root, c);
  if (!faults.incomplete()) {
    check_sources(faults, tables, root, c);
    check_alarms(faults, root, c);
    heed_alarms(root, c);
    check_renewal(root, c);
  }
  return c;
}

Result<Config> load_config(const std::filesystem::path& file) {
  Faults faults(file.string());
  const ConfigFiles files = read_files(file, faults);
  Config c = config_of(files, faults);
  if (!faults.lines().empty()) return faults_error(faults);
  return c;
}

}  // namespace lotmark::agent
