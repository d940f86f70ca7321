#include "cli/ca/description.h"

#include <cctype>

#include "cli/ca/tables.h"
#include "core/base/hex.h"
#include "core/crypto/p256.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

// A word of a fixed list to its enumerator; a fault that names the list if it is none of them.
template <class E>
E word(TableReader& t, std::string_view key, const std::string& text) {
  std::string all;
  for (int i = 0; i < kEnumCount<E>; ++i) {
    const auto value = static_cast<E>(i);
    if (name(value) == text) return value;
    all += (all.empty() ? "" : ", ") + std::string(name(value));
  }
  t.fault(key, "\"" + text + "\" is none of " + all);
  return static_cast<E>(0);
}

std::string need_name(TableReader& t, std::string_view key) {
  std::string value = t.need_text(key);
  const bool good = !value.empty() && value.size() <= 32 &&
                    value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == value.npos;
  if (!value.empty() && !good) t.fault(key, "must be 1 to 32 of a-z, 0-9 and -");
  return value;
}

std::uint64_t need_port(TableReader& t, std::string_view key) {
  const std::uint64_t port = t.need_number(key);
  if (t.has(key) && (port == 0 || port > 65535)) t.fault(key, "must be a port, 1 to 65535");
  return port;
}

}  // namespace

GivenKey given_key(TableReader& t, const char* key) {
  const std::string text = t.text(key);
  if (text.empty()) return std::nullopt;
  const auto point = fixed_from_hex<PublicKey>(text);
  if (point && Verifier::from(*point)) return point;
  t.fault(key, "must be an uncompressed P-256 point: 04 and 128 hex digits");
  return std::nullopt;
}

// "device" of the file is keys.md's enrolment kind; the names are the enumeration's own.
Role role_word(TableReader& t, const std::string& text) {
  constexpr std::pair<const char*, Role> kRoles[] = {{"keeping", Role::kKeeping},
                                                     {"reviewing", Role::kReviewing},
                                                     {"supervising", Role::kSupervising},
                                                     {"agency", Role::kAgency}};
  for (const auto& [word, role] : kRoles) {
    if (text == word) return role;
  }
  t.fault("roles", "\"" + text + "\" is none of keeping, reviewing, supervising, agency");
  return Role::kAgency;
}

std::vector<Role> read_roles(TableReader& t) {
  std::vector<Role> roles;
  for (const auto& text : t.texts("roles")) roles.push_back(role_word(t, text));
  std::sort(roles.begin(), roles.end());
  if (std::adjacent_find(roles.begin(), roles.end()) != roles.end())
    t.fault("roles", "names a role twice");
  const auto major =
      std::count_if(roles.begin(), roles.end(), [](Role r) { return r != Role::kAgency; });
  if (roles.empty()) t.fault("roles", "must name at least one role");
  if (major > 1) t.fault("roles", "at most one of keeping, reviewing, supervising");
  return roles;
}

std::vector<std::string> read_prefixes(TableReader& t) {
  auto prefixes = t.texts("prefixes");
  for (const auto& p : prefixes) {
    if (!valid_prefix(p)) t.fault("prefixes", "\"" + p + "\" must be 4 to 12 digits");
  }
  return prefixes;
}

namespace {

// A path that goes into a line of a configuration as it is.
void check_place(TableReader& t, std::string_view key, const std::string& path) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  for (const char c : path) {
    if (plain(c) || std::string_view("/._-").find(c) != std::string_view::npos) continue;
    return t.fault(key, "must be letters, digits and / . _ - alone");
  }
  if (path.empty() && t.has(key)) t.fault(key, "must not be empty");
}

MemberPlan read_member(TableReader t) {
  MemberPlan m;
  m.line = t.line();
  m.name = need_name(t, "name");
  m.roles = read_roles(t);
  m.organisation = need_name(t, "organisation");
  m.area = t.text("area");
  m.prefixes = read_prefixes(t);
  m.reviews = t.texts("reviews");
  m.host = t.text("host", m.host);
  m.peer_port = need_port(t, "peer_port");
  m.control_port = need_port(t, "control_port");
  m.bundle_s = t.number("bundle_s", m.bundle_s);
  if (m.bundle_s == 0) t.fault("bundle_s", "must be at least 1");
  m.data_dir = t.text("data_dir", m.data_dir);
  check_place(t, "data_dir", m.data_dir);
  m.key = given_key(t);
  m.opening_key = given_key(t, "opening_key");
  t.refuse_others();
  return m;
}

// As in a gateway's configuration.
Calibration read_calibration(TableReader t) {
  Calibration c;
  c.certificate = t.need_text("certificate");
  c.date = t.need_number("date");
  if (t.has("date") && !valid(Expiry{c.date})) t.fault("date", "must be a day as YYYYMMDD");
  c.exp.value = t.integer("exp", 0);
  if (!valid(c.exp)) t.fault("exp", "must be -18 to 18");
  c.offset = t.integer("offset", 0);
  c.accuracy = t.need_number("accuracy");
  constexpr std::int64_t kMost = 9007199254740991;  // docs/format/cbor.md
  if (c.offset < -kMost || c.offset > kMost) t.fault("offset", "must be within 2^53");
  if (c.accuracy > static_cast<std::uint64_t>(kMost)) t.fault("accuracy", "must be within 2^53");
  if (c.certificate.empty() || c.certificate.size() > limits::kText)
    t.fault("certificate", "must be 1 to 256 bytes");
  t.refuse_others();
  return c;
}

EnrolledChannel read_channel(TableReader t) {
  EnrolledChannel c;
  c.name = t.need_text("name");
  c.kind = word<ChannelKind>(t, "kind", t.text("kind", "quantity"));
  c.unit = t.text("unit");
  c.exp.value = t.integer("exp", 0);
  if (!valid(c.exp)) t.fault("exp", "must be -18 to 18");
  if (c.name.size() > 32) t.fault("name", "must be at most 32 bytes");
  if (t.has("calibration")) c.calibration = read_calibration(t.table("calibration"));
  t.refuse_others();
  return c;
}

EnrolledPlan read_enrolled(TableReader t, bool operators) {
  EnrolledPlan e;
  e.line = t.line();
  e.kind = operators ? EnrolmentKind::kOperator
                     : word<EnrolmentKind>(t, "kind", t.text("kind", "device"));
  e.name = need_name(t, "name");
  e.organisation = need_name(t, "organisation");
  e.site = t.text("site");
  if (!operators) {
    e.gateway = t.text("gateway");
    for (auto& c : t.tables("channels")) e.channels.push_back(read_channel(c));
    if (e.kind == EnrolmentKind::kDevice && e.channels.empty()) {
      t.fault("channels", "a device needs at least one channel");
    }
    if (e.kind == EnrolmentKind::kOperator) t.fault("kind", "operators stand under [[operators]]");
  }
  e.key = given_key(t);
  if (!operators) e.invite = t.flag("invite", false);
  if (e.invite && (e.key || e.kind != EnrolmentKind::kDevice || !e.gateway.empty())) {
    t.fault("invite", "is for a device without public_key and gateway");
  }
  t.refuse_others();
  return e;
}

// exp of the step's limits is that of the first channel named, which check_consortium compares with
// the rest.
StepPlan read_step(TableReader t) {
  StepPlan s;
  s.label = t.need_text("label");
  s.devices = t.texts("devices");
  s.channels = t.texts("channels");
  s.author = t.need_text("author");
  if (s.devices.empty() != s.channels.empty()) {
    t.fault("devices", "devices and channels are given together or not at all");
  }
  const std::int64_t exp = t.integer("exp", 0);
  if (!s.devices.empty()) {
    s.limits.min = t.decimal("min", exp);
    s.limits.max = t.decimal("max", exp);
    s.limits.gap_max = t.need_number("gap_max_ms");
    s.interval_ms = t.need_number("interval_ms");
    if (s.limits.min > s.limits.max) t.fault("min", "is above max");
  }
  s.interval_ms = std::max<std::uint64_t>(s.interval_ms, 1);
  if (s.label.size() > 64) t.fault("label", "must be at most 64 bytes");
  t.refuse_others();
  return s;
}

LinePlan read_line(TableReader t) {
  LinePlan l;
  l.line = t.line();
  l.name = need_name(t, "name");
  l.organisation = need_name(t, "organisation");
  for (auto& s : t.tables("steps")) l.steps.push_back(read_step(s));
  if (l.steps.empty()) t.fault("steps", "must hold at least one step");
  t.refuse_others();
  return l;
}

ProgrammeLimit read_limit(TableReader t) {
  ProgrammeLimit l;
  l.channel = t.need_text("channel");
  l.unit = t.text("unit");
  l.exp.value = t.integer("exp", 0);
  if (!valid(l.exp)) t.fault("exp", "must be -18 to 18");
  l.min = t.decimal("min", l.exp.value);
  l.max = t.decimal("max", l.exp.value);
  l.gap_max = t.need_number("gap_max_ms");
  if (l.min > l.max) t.fault("min", "is above max");
  t.refuse_others();
  return l;
}

OrderKind order_word(TableReader& t, const std::string& text) {
  if (text == "byzantine") return OrderKind::kByzantine;
  if (text != "crash") t.fault("order", "\"" + text + "\" is none of crash, byzantine");
  return OrderKind::kCrash;
}

}  // namespace

ProgrammePlan read_programme(TableReader t) {
  ProgrammePlan p;
  p.line = t.line();
  Programme& b = p.body;
  b.id = t.need_text("id");
  b.products = t.texts("products");
  for (const auto& gtin : b.products) {
    if (!valid(Gtin{gtin})) t.fault("products", "\"" + gtin + "\" is no GTIN of 14 digits");
  }
  for (auto& l : t.tables("limits")) b.limits.push_back(read_limit(l));
  b.count = t.need_number("count");
  if (t.has("count") && (b.count < 1 || b.count > 1023)) t.fault("count", "must be 1 to 1023");
  b.slots = {t.need_number("first_slot_ms"), t.need_number("slot_ms")};
  b.lateness = t.need_number("lateness_ms");
  b.window = t.need_number("window_ms");
  b.period_s = t.need_number("period_s");
  if (t.has("period_s") && b.period_s == 0) t.fault("period_s", "must be at least 1");
  b.retention = t.need_number("retention_years");
  b.order = order_word(t, t.text("order", "crash"));
  p.lines = t.texts("lines");
  t.refuse_others();
  return p;
}

namespace {

BrokerPlan read_broker(TableReader t) {
  BrokerPlan b;
  b.line = t.line();
  b.name = need_name(t, "name");
  b.organisations = t.texts("organisations");
  b.consortium = t.flag("consortium", false);
  b.nats = t.text("nats");
  if (b.nats.empty()) {
    b.host = t.text("host", b.host);
    b.port = need_port(t, "port");
    b.folder = t.text("folder");
    check_place(t, "folder", b.folder);
    if (!b.folder.empty() && b.folder.front() != '/') t.fault("folder", "must begin with /");
  }
  t.refuse_others();
  return b;
}

NatsServerPlan read_nats_server(TableReader t) {
  NatsServerPlan s;
  s.line = t.line();
  s.name = need_name(t, "name");
  s.organisation = need_name(t, "organisation");
  s.host = t.text("host", s.host);
  s.client_port = need_port(t, "client_port");
  if (t.has("cluster_port")) s.cluster_port = need_port(t, "cluster_port");
  if (t.has("mqtt_port")) s.mqtt_port = need_port(t, "mqtt_port");
  if (t.has("monitor_port")) s.monitor_port = need_port(t, "monitor_port");
  t.refuse_others();
  return s;
}

NatsPlan read_nats(TableReader t) {
  NatsPlan n;
  n.line = t.line();
  for (auto& s : t.tables("servers")) n.servers.push_back(read_nats_server(s));
  n.replicas = t.number("replicas", n.servers.size() >= 3 ? 3 : 1);
  n.store_mb = t.number("store_mb", n.store_mb);
  t.refuse_others();
  return n;
}

// Where a broker that NATS serves is reached: written once, at the server.
void place_nats_brokers(ConsortiumPlan& plan) {
  for (auto& b : plan.brokers) {
    const NatsServerPlan* server = plan.nats.server(b.nats);
    if (server == nullptr) continue;
    b.host = server->host;
    b.port = server->mqtt_port;
  }
}

ApiPlan read_api(TableReader t) {
  ApiPlan a;
  a.line = t.line();
  a.name = need_name(t, "name");
  a.member = t.need_text("member");
  a.host = t.text("host", a.host);
  a.port = need_port(t, "port");
  a.origin = t.text("origin", "https://" + a.host + ":" + std::to_string(a.port));
  a.key = given_key(t);
  t.refuse_others();
  return a;
}

// An enterprise's API signs what it brings to the node by a key of its own: an operator called as the API is.
void enrol_apis(ConsortiumPlan& plan) {
  for (const auto& a : plan.apis) {
    const MemberPlan* keeper = plan.keeper_of(a);
    if (keeper == nullptr) continue;
    EnrolledPlan e;
    e.line = a.line;
    e.kind = EnrolmentKind::kOperator;
    e.name = a.name;
    e.organisation = keeper->organisation;
    e.key = a.key;
    e.api = true;
    plan.enrolled.push_back(std::move(e));
  }
}

ConsortiumPlan read_all(TableReader t) {
  ConsortiumPlan plan;
  plan.name = need_name(t, "name");
  plan.quorum = t.need_number("quorum");
  plan.primary = t.text("primary");
  auto root = t.table("root");
  plan.root_key = root.text("key_file");
  root.refuse_others();
  for (auto& m : t.tables("members")) plan.members.push_back(read_member(m));
  for (auto& d : t.tables("devices")) plan.enrolled.push_back(read_enrolled(d, false));
  for (auto& o : t.tables("operators")) plan.enrolled.push_back(read_enrolled(o, true));
  for (auto& l : t.tables("lines")) plan.lines.push_back(read_line(l));
  for (auto& p : t.tables("programmes")) plan.programmes.push_back(read_programme(p));
  for (auto& b : t.tables("brokers")) plan.brokers.push_back(read_broker(b));
  for (auto& a : t.tables("apis")) plan.apis.push_back(read_api(a));
  enrol_apis(plan);
  plan.ordering = t.text("ordering", plan.ordering);
  if (plan.ordering != "local" && !plan.jetstream()) {
    t.fault("ordering", "\"" + plan.ordering + "\" is none of local, jetstream");
  }
  plan.nats = read_nats(t.table("nats"));
  place_nats_brokers(plan);
  t.refuse_others();
  return plan;
}

}  // namespace

Result<ConsortiumPlan> read_consortium(const std::filesystem::path& file) {
  Faults faults;
  std::error_code gone;
  if (!std::filesystem::is_regular_file(file, gone)) {
    return fail(Errc::kIo, file.string() + ": cannot be read");
  }
  try {
    const toml::table table = toml::parse_file(file.string());
    ConsortiumPlan plan = read_all(TableReader(table, "", faults));
    if (faults.empty() && plan.primary.empty()) {
      for (const auto& m : plan.members) {
        if (plan.primary.empty() && m.has(Role::kSupervising)) plan.primary = m.name;
      }
    }
    if (plan.root_key.is_relative() && !plan.root_key.empty()) {
      plan.root_key = file.parent_path() / plan.root_key;
    }
    check_consortium(plan, faults);
    if (!faults.empty()) return faults.error(file.string());
    return plan;
  } catch (const toml::parse_error& e) {
    faults.add(e.source().begin.line, "", std::string(e.description()));
    return faults.error(file.string());
  }
}

}  // namespace lotmark::cli
