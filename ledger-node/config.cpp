#include "ledger-node/config.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/config_reader.h"
#include "ledger-node/read_sealing.h"
#include "ledger-node/subscribe/destination.h"

namespace lotmark::node {

namespace {

void read_tls(Section& s, TlsFiles& out, bool needed) {
  s.file("ca", out.ca, needed);
  s.file("cert", out.cert, needed);
  s.file("key", out.key, needed);
}

void read_node(Reading& r, const toml::table* t, NodeConfig& c) {
  Section s(r, t, "node");
  s.text("name", c.name, true);
  s.text("organisation", c.organisation, true);
  s.file("key", c.key, true);
  s.file("anchor", c.anchor, true);
  s.file("data_dir", c.data_dir, true);
  std::string level = "info";
  s.text("log", level);
  if (!log::level_from(level, c.log))
    r.fault(t->get("log"), "node.log", "must be debug, info, warn or error");
  c.chain_check_s = 86400;
  s.number("chain_check_s", c.chain_check_s, 0, 31536000);
  s.number("poll_ms", c.poll_ms, 10, 60000);
  s.flag("follow", c.follow);
  s.text("ordering", c.ordering);
  if (c.ordering != "local" && c.ordering != "jetstream")
    r.fault(t->get("ordering"), "node.ordering", "must be \"local\" or \"jetstream\"");
  KeyId primary{};
  if (c.ordering == "local" || t->contains("primary")) {
    s.kid("primary", primary);
    c.primary = primary;
  }
}

void read_order(Reading& r, const toml::table& t, NodeConfig& c) {
  if (!t.contains("order")) return;
  const toml::table none;
  const auto* table = t.get("order")->as_table();
  Section s(r, table != nullptr ? table : &none, "order");
  s.texts("servers", c.order_servers);
  read_tls(s, c.order_tls, false);
  s.number("replicas", c.order_replicas, 1, 5);
  if (c.order_servers.empty()) r.fault(table, "order.servers", "must name a server");
}

void read_peers(Reading& r, const toml::node* n, NodeConfig& c) {
  if (n == nullptr) return;
  const auto* list = n->as_array();
  if (list == nullptr) return r.fault(n, "peers", "must be [[peers]] tables");
  for (const auto& e : *list) {
    if (!e.is_table()) {
      r.fault(&e, "peers", "must be a table");
      continue;
    }
    PeerAddress p;
    Section s(r, e.as_table(), "peers");
    s.text("name", p.name, true);
    s.kid("kid", p.kid);
    s.text("url", p.url, true);
    if (!p.url.starts_with("https://")) r.fault(&e, "peers.url", "must begin with https://");
    c.peers.push_back(std::move(p));
  }
}

void read_standbys(Reading& r, const toml::node* n, NodeConfig& c) {
  if (n == nullptr) return;
  const auto* list = n->as_array();
  if (list == nullptr) return r.fault(n, "standbys", "must be [[standbys]] tables");
  for (const auto& e : *list) {
    if (!e.is_table()) {
      r.fault(&e, "standbys", "must be a table");
      continue;
    }
    StandbyAddress a;
    Section s(r, e.as_table(), "standbys");
    s.text("name", a.name, true);
    std::string hex;
    s.text("public_key", hex, true);
    if (const auto key = fixed_from_hex<PublicKey>(hex)) a.key = *key;
    else r.fault(&e, "standbys.public_key", "must be a P-256 point: 04 and 128 hex digits");
    c.standbys.push_back(std::move(a));
  }
}

void read_webhooks(Reading& r, const toml::table* t, NodeConfig& c) {
  Section s(r, t, "webhooks");
  s.texts("allow", c.webhooks_allow);
  s.file("ca", c.webhooks_ca);
  const auto allowed = AllowedDestinations::read(c.webhooks_allow);
  if (!allowed) r.fault(t->get("allow"), "webhooks.allow", allowed.error().text);
  else if (allowed->has_https() && c.webhooks_ca.empty())
    r.fault(t->get("allow"), "webhooks.ca", "is missing: https receivers are judged by it");
}

void read_standby(Reading& r, const toml::table& t, NodeConfig& c) {
  if (!t.contains("standby")) return;
  const toml::table none;
  const auto* table = t.get("standby")->as_table();
  if (table == nullptr) return r.fault(t.get("standby"), "standby", "must be a table");
  StandbyOf of;
  Section s(r, table, "standby");
  s.text("of", of.url, true);
  s.kid("kid", of.kid);
  if (!of.url.starts_with("https://")) r.fault(table, "standby.of", "must begin with https://");
  if (!c.standbys.empty()) r.fault(table, "standby", "a standby has no [[standbys]] of its own");
  c.standby = std::move(of);
}

void read_capacity(Reading& r, const toml::node* n, NodeConfig& c) {
  if (n == nullptr) return;
  const auto* list = n->as_array();
  if (list == nullptr) return r.fault(n, "capacity", "must be [[capacity]] tables");
  for (const auto& e : *list) {
    if (!e.is_table()) {
      r.fault(&e, "capacity", "must be a table");
      continue;
    }
    CapacityEntry entry;
    Section s(r, e.as_table(), "capacity");
    s.text("organisation", entry.organisation, true);
    s.number("lots", entry.lots, 1, 100'000, true);
    s.number("period_s", entry.period_s, 60, 366 * 86400);
    c.capacity.push_back(std::move(entry));
  }
}

void read_calibration(Reading& r, const toml::node* n, NodeConfig& c) {
  if (n == nullptr) return;
  const auto* list = n->as_array();
  if (list == nullptr) return r.fault(n, "calibration", "must be [[calibration]] tables");
  std::set<std::string> channels;
  for (const auto& e : *list) {
    if (!e.is_table()) {
      r.fault(&e, "calibration", "must be a table");
      continue;
    }
    CalibrationEntry entry;
    std::string overdue = "remark";
    Section s(r, e.as_table(), "calibration");
    s.text("channel", entry.channel, true);
    s.number("days", entry.days, 1, 36500);
    s.text("overdue", overdue);
    if (overdue != "remark" && overdue != "refuse")
      r.fault(&e, "calibration.overdue", "must be \"remark\" or \"refuse\"");
    if (!channels.insert(entry.channel).second)
      r.fault(&e, "calibration.channel", "has a rule already: " + entry.channel);
    entry.refuse = overdue == "refuse";
    c.calibration.push_back(std::move(entry));
  }
}

void read_limits(Section&& s, LimitConfig& limits) {
  s.number("finality_s", limits.finality_s, 1, 86400);
  s.number("starts_hour", limits.starts_hour, 1, 1'000'000);
  s.number("open_lots", limits.open_lots, 1, 1'000'000);
  s.number("opening_days", limits.opening_days, 1, 36500);
}

std::string quoted_texts(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& t : texts) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", t);
  return out;
}

void read_marks(Section&& s, MarksConfig& marks) {
  s.number("report_s", marks.report_s, 1, 86400);
  s.number("days_back", marks.days_back, 1, 3650);
  s.number("signer_day", marks.signer_day, 1, 100'000'000);
}

void read_all(Reading& r, const toml::table& t, NodeConfig& c) {
  const toml::table none;
  const auto sub = [&](const char* name) -> const toml::table* {
    const auto* n = t.get(name);
    if (n != nullptr && !n->is_table()) r.fault(n, name, "must be a table");
    return n != nullptr && n->is_table() ? n->as_table() : &none;
  };
  for (const auto& [k, v] : t) {
    static const std::set<std::string_view> kKnown = {
        "node",     "peer",        "control",  "broker",  "enterprise", "review",
        "order",    "cut",         "peers",    "standby", "standbys",   "limits",
        "capacity", "calibration", "webhooks", "sealing", "marks"};
    if (!kKnown.contains(k.str())) r.fault(&v, k.str(), "unknown table");
  }
  read_node(r, sub("node"), c);
  {
    Section s(r, sub("peer"), "peer");
    s.text("address", c.peer_address);
    s.number("port", c.peer_port, 0, 65535, true);
    read_tls(s, c.peer_tls, true);
  }
  {
    Section s(r, sub("control"), "control");
    s.text("address", c.control_address);
    s.number("port", c.control_port, 0, 65535, true);
    s.flag("open_metrics", c.open_metrics);
    if (sub("control")->contains("operators")) s.texts("operators", c.control_operators.emplace());
  }
  if (t.contains("broker")) {
    Section s(r, sub("broker"), "broker");
    s.text("url", c.broker_url, true);
    read_tls(s, c.broker_tls, true);
  }
  {
    Section s(r, sub("enterprise"), "enterprise");
    s.files("lines", c.lines);
    s.number("bundle_s", c.bundle_s, 1, 86400);
    s.number("check_s", c.check_s, 1, 2592000);
  }
  {
    Section s(r, sub("cut"), "cut");
    std::uint64_t every_h = c.cut_every_s / 3600;
    s.number("every_h", every_h, 1, 24 * 3660);
    c.cut_every_s = every_h * 3600;
  }
  {
    Section s(r, sub("review"), "review");
    s.files("lines", c.lines);
    s.number("check_s", c.check_s, 1, 2592000);
    s.number("second_every", c.second_every, 0, 1'000'000);
  }
  read_limits(Section(r, sub("limits"), "limits"), c.limits);
  read_marks(Section(r, sub("marks"), "marks"), c.marks);
  read_webhooks(r, sub("webhooks"), c);
  read_capacity(r, t.get("capacity"), c);
  read_calibration(r, t.get("calibration"), c);
  read_order(r, t, c);
  read_peers(r, t.get("peers"), c);
  read_standbys(r, t.get("standbys"), c);
  read_standby(r, t, c);
  read_sealing(r, t.get("sealing"), c.sealing);
}

}  // namespace

Result<NodeConfig> read_node_config(const std::filesystem::path& file) {
  toml::table table;
  try {
    table = toml::parse_file(file.string());
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig,
                fmt::format("{}:{}: {}", file.string(), e.source().begin.line, e.description()));
  }
  NodeConfig c;
  Reading r(file);
  read_all(r, table, c);
  if (!r.faults().empty()) return fail(Errc::kConfig, r.faults());
  return c;
}

std::string print_config(const NodeConfig& c) {
  std::string lines;
  for (const auto& l : c.lines)
    lines += fmt::format("{}\"{}\"", lines.empty() ? "" : ", ", l.string());
  std::string out = fmt::format(
      "[node]\nname = \"{}\"\norganisation = \"{}\"\nkey = \"{}\"\nanchor = \"{}\"\ndata_dir = "
      "\"{}\"\n"
      "chain_check_s = {}\npoll_ms = {}\nfollow = {}\nordering = \"{}\"\n{}\n[peer]\naddress = "
      "\"{}\"\nport = "
      "{}\nca = \"{}\"\n"
      "cert = \"{}\"\nkey = \"{}\"\n\n[control]\naddress = \"{}\"\nport = {}\nopen_metrics = {}\n",
      c.name, c.organisation, c.key.string(), c.anchor.string(), c.data_dir.string(),
      c.chain_check_s, c.poll_ms, c.follow, c.ordering,
      c.primary ? fmt::format("primary = \"{}\"\n", to_hex(*c.primary)) : "", c.peer_address,
      c.peer_port, c.peer_tls.ca.string(), c.peer_tls.cert.string(), c.peer_tls.key.string(),
      c.control_address, c.control_port, c.open_metrics);
  if (c.control_operators)
    out += fmt::format("operators = [{}]\n", quoted_texts(*c.control_operators));
  if (!c.broker_url.empty()) {
    out += fmt::format("\n[broker]\nurl = \"{}\"\nca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"\n",
                       c.broker_url, c.broker_tls.ca.string(), c.broker_tls.cert.string(),
                       c.broker_tls.key.string());
  }
  if (!c.order_servers.empty()) {
    std::string servers;
    for (const auto& u : c.order_servers)
      servers += fmt::format("{}\"{}\"", servers.empty() ? "" : ", ", u);
    out += fmt::format(
        "\n[order]\nservers = [{}]\nca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"\nreplicas = {}\n",
        servers, c.order_tls.ca.string(), c.order_tls.cert.string(), c.order_tls.key.string(),
        c.order_replicas);
  }
  out += fmt::format("\n[enterprise]\nlines = [{}]\nbundle_s = {}\ncheck_s = {}\n", lines,
                     c.bundle_s, c.check_s);
  for (const auto& s : c.standbys)
    out +=
        fmt::format("\n[[standbys]]\nname = \"{}\"\npublic_key = \"{}\"\n", s.name, to_hex(s.key));
  if (c.standby)
    out += fmt::format("\n[standby]\nof = \"{}\"\nkid = \"{}\"\n", c.standby->url,
                       to_hex(c.standby->kid));
  if (!c.webhooks_allow.empty()) {
    out += fmt::format("\n[webhooks]\nallow = [{}]\n", quoted_texts(c.webhooks_allow));
    if (!c.webhooks_ca.empty()) out += fmt::format("ca = \"{}\"\n", c.webhooks_ca.string());
  }
  out += fmt::format("\n[cut]\nevery_h = {}\n", c.cut_every_s / 3600);
  out += fmt::format("\n[review]\nsecond_every = {}\n", c.second_every);
  out += fmt::format(
      "\n[limits]\nfinality_s = {}\nstarts_hour = {}\nopen_lots = {}\nopening_days = {}\n",
      c.limits.finality_s, c.limits.starts_hour, c.limits.open_lots, c.limits.opening_days);
  out += fmt::format("\n[marks]\nreport_s = {}\ndays_back = {}\nsigner_day = {}\n",
                     c.marks.report_s, c.marks.days_back, c.marks.signer_day);
  for (const auto& e : c.capacity) {
    out += fmt::format("\n[[capacity]]\norganisation = \"{}\"\nlots = {}\nperiod_s = {}\n",
                       e.organisation, e.lots, e.period_s);
  }
  for (const auto& e : c.calibration) {
    out += fmt::format("\n[[calibration]]\nchannel = \"{}\"\ndays = {}\noverdue = \"{}\"\n",
                       e.channel, e.days, e.refuse ? "refuse" : "remark");
  }
  if (c.sealing) out += print_sealing(*c.sealing);
  for (const auto& p : c.peers) {
    out += fmt::format("\n[[peers]]\nname = \"{}\"\nkid = \"{}\"\nurl = \"{}\"\n", p.name,
                       to_hex(p.kid), p.url);
  }
  return out;
}

}  // namespace lotmark::node
