#include "cli/ca/nats.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/ca/access.h"

namespace lotmark::cli {

namespace {

using Texts = std::vector<std::string>;

constexpr const char* kStreams[] = {"LOTMARK_ORDER", "LOTMARK_LEASE"};

// A largest bundle's wire or a block, with MQTT's or JetStream's headers: what mosquitto.conf says as well.
constexpr std::uint64_t kPayloadMax = 2162688;
constexpr std::uint64_t kMemoryMax = 64u << 20;
constexpr std::uint64_t kMiB = 1u << 20;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string list(const Texts& texts) {
  std::string out;
  for (const auto& t : texts) out += (out.empty() ? "" : ",") + ("\n          " + quoted(t));
  return "[" + out + " ]";
}

// An MQTT topic or filter as nats-server maps it; ours have neither '.' nor '#'.
std::string to_subject(std::string topic) {
  std::replace(topic.begin(), topic.end(), '/', '.');
  std::replace(topic.begin(), topic.end(), '+', '*');
  return topic;
}

Texts to_subjects(const Texts& topics) {
  Texts out;
  for (const auto& t : topics) out.push_back(to_subject(t));
  return out;
}

// A user is the whole subject of a certificate, which ca init makes of a CN alone. What is not listed is refused.
std::string user(const std::string& common_name, const char* connection, const Texts& publish,
                 const Texts& subscribe) {
  return fmt::format(
      "      {{ user: {}, allowed_connection_types: [\"{}\"]\n"
      "        permissions: {{\n        publish: {{ allow: {} }}\n        subscribe: {{ allow: {} "
      "}}\n"
      "        }} }}\n",
      quoted("CN=" + common_name), connection, list(publish), list(subscribe));
}

// What the ordering engine does (docs/adr/0011), and nothing that takes an entry away, makes a stream another one, or
// has the server publish for it, as a consumer would.
Texts engine_publishes() {
  Texts out = {"lotmark.order.block", "lotmark.order.lease"};
  for (const std::string s : kStreams) {
    for (const char* verb : {"STREAM.INFO.", "STREAM.CREATE.", "STREAM.MSG.GET."})
      out.push_back("$JS.API." + (verb + s));
  }
  return out;
}

// Repair by hand. Not a consumer, which could be made to deliver into the order, and no restoring of a stream.
Texts admin_publishes() {
  Texts out = {"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST"};
  for (const std::string s : kStreams) {
    for (const char* verb :
         {"STREAM.INFO.", "STREAM.CREATE.", "STREAM.UPDATE.", "STREAM.PURGE.", "STREAM.DELETE.",
          "STREAM.MSG.GET.", "STREAM.MSG.DELETE.", "STREAM.PEER.REMOVE.", "STREAM.LEADER.STEPDOWN.",
          "CONSUMER.NAMES.", "CONSUMER.LIST."}) {
      out.push_back("$JS.API." + (verb + s));
    }
    for (const char* verb : {"CONSUMER.INFO.", "CONSUMER.DELETE."}) {
      out.push_back("$JS.API." + (verb + s) + ".>");
    }
  }
  return out;
}

std::string limits(std::uint64_t file_mb, unsigned streams) {
  return fmt::format("    jetstream: {{ max_memory: {}, max_file: {}, max_streams: {} }}\n",
                     kMemoryMax / 4, file_mb * kMiB, streams);
}

std::string ledger_account(const ConsortiumPlan& plan, std::uint64_t file_mb) {
  std::string users;
  for (const auto& m : plan.members) {
    if (!m.has(Role::kSupervising)) continue;
    users += user(m.organisation + "/" + m.name, "STANDARD", engine_publishes(),
                  {"_INBOX_lotmark." + m.name + ".>", "lotmark.order.entry"});
  }
  for (const auto& o : nats_organisations(plan.nats)) {
    users += user(std::string(kNatsAdmin) + "/" + o, "STANDARD", admin_publishes(),
                  {"_INBOX.>", "$JS.EVENT.ADVISORY.>"});
  }
  return "  # Order and lease of blocks: supervising nodes, and administrators who repair.\n  "
         "LEDGER {\n" +
         limits(file_mb, 2) + "    users: [\n" + users + "    ]\n  }\n";
}

std::string devices_account(const ConsortiumPlan& plan, std::uint64_t file_mb) {
  std::string users;
  for (const auto& u : nats_device_users(plan)) {
    Texts reads = to_subjects(u.reads);
    // Where this server delivers a QoS 1 subscription; MQTT clients cannot subscribe to it themselves.
    if (!reads.empty()) reads.push_back("$MQTT.sub.>");
    users += user(u.name, "MQTT", to_subjects(u.writes), reads);
  }
  return "  # Devices and the nodes that hear them, over MQTT alone.\n  DEVICES {\n" +
         limits(file_mb, 8) + "    users: [\n" + users + "    ]\n  }\n";
}

std::string system_account(const NatsPlan& nats) {
  std::string users;
  for (const auto& o : nats_organisations(nats)) {
    users += user(std::string(kNatsSystem) + "/" + o, "STANDARD",
                  {"$SYS.REQ.SERVER.>", "$SYS.REQ.ACCOUNT.>", "$JS.API.SERVER.REMOVE",
                   "$JS.API.META.LEADER.STEPDOWN"},
                  {"_INBOX.>", "$SYS.>"});
  }
  return "  SYS {\n    users: [\n" + users + "    ]\n  }\n";
}

std::string accounts(const ConsortiumPlan& plan) {
  // Of the store a quarter is the devices': a flood of theirs does not stop the order.
  const std::uint64_t devices_mb = plan.nats.store_mb / 4;
  const std::uint64_t copies = plan.nats.replicas;  // an account's limit counts each of them
  std::string out = "accounts {\n" + system_account(plan.nats);
  if (plan.jetstream()) out += ledger_account(plan, (plan.nats.store_mb - devices_mb) * copies);
  if (plan.nats_brokers()) out += devices_account(plan, devices_mb * copies);
  return out + "}\nsystem_account: SYS\n";
}

std::string tls(const std::filesystem::path& own, const std::filesystem::path& ca, bool map) {
  return fmt::format(
      "  tls {{\n    cert_file: {}\n    key_file: {}\n    ca_file: {}\n    {}\n    timeout: 10\n  "
      "}}\n",
      quoted((own / "tls.crt").string()), quoted((own / "tls.key").string()),
      quoted((ca / "ca.crt").string()), map ? "verify_and_map: true" : "verify: true");
}

std::string cluster(const NatsServerPlan& server, const ConsortiumPlan& plan, const Layout& dir) {
  if (plan.nats.servers.size() < 2) return "";
  Texts routes;
  for (const auto& s : plan.nats.servers) {
    if (s.name != server.name)
      routes.push_back(fmt::format("nats-route://{}:{}", s.host, s.cluster_port));
  }
  return fmt::format(
             "\n# Whoever passes here may do anything: routes have a CA of their own.\ncluster {{\n"
             "  name: {}\n  listen: \"{}:{}\"\n  no_advertise: true\n  routes: {}\n",
             quoted(plan.name), server.host, server.cluster_port, list(routes)) +
         tls(dir.nats_route(server.name), dir.routes_ca(), false) + "}\n";
}

std::string mqtt(const NatsServerPlan& server, const ConsortiumPlan& plan, const Layout& dir) {
  if (server.mqtt_port == 0 || !plan.nats_brokers()) return "";
  return fmt::format(
             "\n# MQTT 3.1.1. Devices keep what is not acknowledged; what a vanished client left "
             "goes "
             "after 10 minutes.\n"
             "mqtt {{\n  listen: \"{}:{}\"\n  stream_replicas: {}\n  consumer_replicas: {}\n"
             "  consumer_inactive_threshold: \"10m\"\n",
             server.host, server.mqtt_port, plan.nats.replicas, plan.nats.replicas) +
         tls(dir.nats(server.name), dir.ca(), true) + "}\n";
}

}  // namespace

std::vector<std::string> nats_organisations(const NatsPlan& nats) {
  std::vector<std::string> out;
  for (const auto& s : nats.servers) {
    if (std::find(out.begin(), out.end(), s.organisation) == out.end())
      out.push_back(s.organisation);
  }
  return out;
}

std::string nats_conf(const NatsServerPlan& server, const Founded& f, const Layout& dir) {
  const ConsortiumPlan& plan = f.plan;
  std::string out = fmt::format(
      "# NATS server {} of the consortium, run by {}, made by lotmark ca init. The same accounts "
      "stand "
      "at each server.\n"
      "server_name: {}\nlisten: \"{}:{}\"\nmax_payload: {}\nwrite_deadline: \"10s\"\n"
      "ping_interval: \"20s\"\nping_max: 2\n",
      server.name, server.organisation, quoted(server.name), server.host, server.client_port,
      kPayloadMax);
  if (server.monitor_port != 0) out += fmt::format("http: \"127.0.0.1:{}\"\n", server.monitor_port);
  out += "\n# The certificate's subject is the user; nobody comes in without one.\n";
  const std::string client_tls = tls(dir.nats(server.name), dir.ca(), true);
  out += client_tls.substr(2);
  out += fmt::format(
      "\njetstream {{\n  store_dir: {}\n  max_memory_store: {}\n  max_file_store: {}\n}}\n",
      quoted((dir.nats(server.name) / "data").string()), kMemoryMax, plan.nats.store_mb * kMiB);
  out += cluster(server, plan, dir) + mqtt(server, plan, dir) + "\n" + accounts(plan);
  return out;
}

std::string order_section(const ConsortiumPlan& plan, const std::string& organisation) {
  if (!plan.jetstream()) return "";
  auto in_turn = plan.nats.servers;
  const auto own = std::find_if(in_turn.begin(), in_turn.end(),
                                [&](const auto& s) { return s.organisation == organisation; });
  if (own != in_turn.end()) std::rotate(in_turn.begin(), own, in_turn.end());
  std::string servers;
  for (const auto& s : in_turn) {
    servers +=
        (servers.empty() ? "" : ", ") + fmt::format("\"tls://{}:{}\"", s.host, s.client_port);
  }
  return fmt::format(
      "\n[order]\nservers = [{}]\nca = \"../../ca/ca.crt\"\ncert = \"tls.crt\"\nkey = \"tls.key\"\n"
      "replicas = {}\n",
      servers, plan.nats.replicas);
}

}  // namespace lotmark::cli
