#include "ledger-node/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <set>

#include "core/base/hex.h"

namespace lotmark::node {

namespace {

// Reads one file and collects every fault with its place.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& file) : file_(file), dir_(file.parent_path()) {}

  void fault(const toml::node* at, std::string_view key, std::string_view what) {
    const auto line = at != nullptr ? at->source().begin.line : 1u;
    faults_ += fmt::format("{}{}:{}: {}: {}", faults_.empty() ? "" : "\n", file_.string(), line,
                           key, what);
  }
  const std::string& faults() const { return faults_; }
  std::filesystem::path path(std::string_view text) const {
    const std::filesystem::path p(text);
    return p.is_absolute() || p.empty() ? p : dir_ / p;
  }

 private:
  std::filesystem::path file_;
  std::filesystem::path dir_;
  std::string faults_;
};

// One table of the file: takes known keys out, and finds the others unknown at the end.
class Section {
 public:
  Section(Reading& r, const toml::table* t, std::string name)
      : r_(r), t_(t), name_(std::move(name)) {}
  ~Section() {
    if (t_ == nullptr) return;
    for (const auto& [k, v] : *t_) {
      if (!seen_.contains(std::string(k.str()))) r_.fault(&v, full(k.str()), "unknown key");
    }
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  void text(const char* key, std::string& out, bool needed = false) {
    if (const auto* n = find(key, needed))
      take(n, key, "a text", n->value_exact<std::string>(), out);
  }
  void file(const char* key, std::filesystem::path& out, bool needed = false) {
    std::string s;
    text(key, s, needed);
    if (!s.empty()) out = r_.path(s);
  }
  void files(const char* key, std::vector<std::filesystem::path>& out) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto* list = n->as_array();
    if (list == nullptr) return r_.fault(n, full(key), "must be an array of file names");
    for (const auto& e : *list) {
      if (auto s = e.value_exact<std::string>()) out.push_back(r_.path(*s));
      else r_.fault(&e, full(key), "must hold file names");
    }
  }
  void texts(const char* key, std::vector<std::string>& out) {
    const auto* n = find(key, false);
    if (n == nullptr) return;
    const auto* list = n->as_array();
    if (list == nullptr) return r_.fault(n, full(key), "must be an array of texts");
    for (const auto& e : *list) {
      if (auto s = e.value_exact<std::string>()) out.push_back(*s);
      else r_.fault(&e, full(key), "must hold texts");
    }
  }
  void flag(const char* key, bool& out) {
    if (const auto* n = find(key, false))
      take(n, key, "true or false", n->value_exact<bool>(), out);
  }
  template <class N>
  void number(const char* key, N& out, std::int64_t min, std::int64_t max, bool needed = false) {
    const auto* n = find(key, needed);
    if (n == nullptr) return;
    auto v = n->value_exact<std::int64_t>();
    if (!v || *v < min || *v > max)
      return r_.fault(n, full(key), fmt::format("must be a number from {} to {}", min, max));
    out = static_cast<N>(*v);
  }
  void kid(const char* key, KeyId& out) {
    std::string s;
    text(key, s, true);
    if (s.empty()) return;
    if (auto k = fixed_from_hex<KeyId>(s)) out = *k;
    else r_.fault(t_->get(key), full(key), "must be a kid: 32 hex digits");
  }

 private:
  std::string full(std::string_view key) const { return name_ + "." + std::string(key); }
  const toml::node* find(const char* key, bool needed) {
    seen_.insert(key);
    const toml::node* n = t_ != nullptr ? t_->get(key) : nullptr;
    if (n == nullptr && needed) r_.fault(t_, full(key), "is missing");
    return n;
  }
  template <class T>
  void take(const toml::node* n, const char* key, const char* what, const std::optional<T>& v,
            T& out) {
    if (v) out = *v;
    else r_.fault(n, full(key), fmt::format("must be {}", what));
  }
  Reading& r_;
  const toml::table* t_;
  std::string name_;
  std::set<std::string> seen_;
};

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

void read_all(Reading& r, const toml::table& t, NodeConfig& c) {
  const toml::table none;
  const auto sub = [&](const char* name) -> const toml::table* {
    const auto* n = t.get(name);
    if (n != nullptr && !n->is_table()) r.fault(n, name, "must be a table");
    return n != nullptr && n->is_table() ? n->as_table() : &none;
  };
  for (const auto& [k, v] : t) {
    static const std::set<std::string_view> kKnown = {
        "node", "peer",  "control", "broker",   "enterprise", "review",   "order",
        "cut",  "peers", "standby", "standbys", "limits",     "capacity", "calibration"};
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
  read_capacity(r, t.get("capacity"), c);
  read_calibration(r, t.get("calibration"), c);
  read_order(r, t, c);
  read_peers(r, t.get("peers"), c);
  read_standbys(r, t.get("standbys"), c);
  read_standby(r, t, c);
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
  out += fmt::format("\n[cut]\nevery_h = {}\n", c.cut_every_s / 3600);
  out += fmt::format("\n[review]\nsecond_every = {}\n", c.second_every);
  out += fmt::format(
      "\n[limits]\nfinality_s = {}\nstarts_hour = {}\nopen_lots = {}\nopening_days = {}\n",
      c.limits.finality_s, c.limits.starts_hour, c.limits.open_lots, c.limits.opening_days);
  for (const auto& e : c.capacity) {
    out += fmt::format("\n[[capacity]]\norganisation = \"{}\"\nlots = {}\nperiod_s = {}\n",
                       e.organisation, e.lots, e.period_s);
  }
  for (const auto& e : c.calibration) {
    out += fmt::format("\n[[calibration]]\nchannel = \"{}\"\ndays = {}\noverdue = \"{}\"\n",
                       e.channel, e.days, e.refuse ? "refuse" : "remark");
  }
  for (const auto& p : c.peers) {
    out += fmt::format("\n[[peers]]\nname = \"{}\"\nkid = \"{}\"\nurl = \"{}\"\n", p.name,
                       to_hex(p.kid), p.url);
  }
  return out;
}

}  // namespace lotmark::node
