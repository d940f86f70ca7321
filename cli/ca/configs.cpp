#include "cli/ca/configs.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "cli/ca/access.h"
#include "cli/ca/nats.h"
#include "core/base/hex.h"

namespace lotmark::cli {

namespace {

// Whose files these are: Mosquitto started by root reads its key as this user.
std::string user_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

std::string broker_url(const BrokerPlan& b) { return fmt::format("ssl://{}:{}", b.host, b.port); }

std::string quoted(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& t : texts) out += (out.empty() ? "\"" : ", \"") + t + "\"";
  return "[" + out + "]";
}

std::string broker_section(const char* title, const BrokerPlan& broker, const std::string& ca,
                           const std::string& own) {
  return fmt::format(
      "\n[{}]\nurl = \"{}\"\nca = \"{}\"\ncert = \"{}tls.crt\"\nkey = \"{}tls.key\"\n", title,
      broker_url(broker), ca, own, own);
}

// Line files a node needs: those of its own organisation, or of the programmes it reviews.
std::vector<std::string> lines_of(const MemberPlan& m, const ConsortiumPlan& plan) {
  std::vector<std::string> files;
  for (const auto& l : plan.lines) {
    bool needed = m.has(Role::kKeeping) && l.organisation == m.organisation;
    for (const auto& p : plan.programmes) {
      const bool reviewed =
          std::find(m.reviews.begin(), m.reviews.end(), p.body.id) != m.reviews.end();
      const bool uses = std::find(p.lines.begin(), p.lines.end(), l.name) != p.lines.end();
      needed = needed || (reviewed && uses);
    }
    if (needed) files.push_back("../../lines/" + l.name + ".cbor");
  }
  return files;
}

std::vector<std::string> public_keys(const Founded& f, Role role, const std::string& organisation) {
  std::vector<std::string> out;
  for (const auto& m : f.plan.members) {
    const bool ours = organisation.empty() || m.organisation == organisation;
    if (m.has(role) && ours) out.push_back(to_hex(f.keys.find(m.name)->second));
  }
  return out;
}

std::uint64_t bundle_s(const ConsortiumPlan& plan, const std::string& organisation) {
  for (const auto& m : plan.members) {
    if (m.has(Role::kKeeping) && m.organisation == organisation) return m.bundle_s;
  }
  return 3600;
}

// Who opens what is sealed: the node itself, and of an enterprise the consortium's reviewers. Where one of these has no
// key that is known here, nothing is sealed: it would refuse every lot.
std::string sealing_sections(const MemberPlan& m, const Founded& f) {
  const bool enterprise = m.has(Role::kKeeping);
  if (!f.opening.contains(m.name)) return "";
  std::string out = "\n[sealing]\nkey = \"opening.key\"\n";
  if (!enterprise) return out;
  // Operators that people are; the API signs by a key that lies on its machine, and opens nothing to anybody.
  std::vector<std::string> rewrappers;
  for (const auto& e : f.plan.enrolled) {
    if (e.kind == EnrolmentKind::kOperator && !e.api && e.organisation == m.organisation)
      rewrappers.push_back(e.name);
  }
  out += "rewrappers = " + quoted(rewrappers) + "\n";
  for (const auto& r : f.plan.members) {
    if (!r.has(Role::kReviewing)) continue;
    const auto key = f.opening.find(r.name);
    if (key == f.opening.end())
      return "\n# Reviewer " + r.name +
             " has no opening key here: [sealing] is left out (docs/operate/running.md).\n";
    out += fmt::format(
        "\n[[sealing.readers]]\nname = \"{}\"\nmember = \"{}\"\nkey = \"{}\"\n"
        "segments = [\"partner\", \"regulator\"]\n",
        r.name, to_hex(f.kid(r.name)), to_hex(key->second));
  }
  return out;
}

}  // namespace

std::string mosquitto_conf(const BrokerPlan& broker, const Layout& dir) {
  // A folder of the broker's machine holds the CA's certificate too; there the system says who runs it.
  const bool there = !broker.folder.empty();
  const std::string own = there ? broker.folder : dir.broker(broker.name).string();
  const std::string ca = there ? broker.folder : dir.ca().string();
  const std::string user = there ? "" : "user " + user_name() + "\n";
  return fmt::format(
      "# Broker {} of the consortium, made by lotmark ca init.\n"
      "per_listener_settings false\n"
      "listener {} {}\n"
      "cafile {}/ca.crt\ncertfile {}/tls.crt\nkeyfile {}/tls.key\n"
      "require_certificate true\nuse_identity_as_username true\nallow_anonymous false\nacl_file "
      "{}/acl\n"
      "# Devices keep what is not acknowledged; the broker keeps nothing.\n"
      "persistence false\nmax_packet_size 2162688\nset_tcp_nodelay true\n"
      "{}log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n",
      broker.name, broker.port, broker.host, ca, own, own, own, user);
}

std::string mosquitto_acl(const BrokerPlan& broker, const Founded& f) {
  std::string acl =
      "# Who may do what; the user is the CN of the certificate: organisation/name.\n";
  for (const auto& user : broker_users(broker, f.plan)) {
    acl += "\nuser " + user.name + "\n";
    for (const auto& topic : user.writes) acl += "topic write " + topic + "\n";
    for (const auto& topic : user.reads) acl += "topic read " + topic + "\n";
  }
  return acl;
}

// An API's key needs more than to bring marks where it brings what was captured.
static std::vector<std::string> operators_of(const MemberPlan& m, const ConsortiumPlan& plan) {
  std::vector<std::string> out;
  for (const auto& e : plan.enrolled) {
    const bool own = e.kind == EnrolmentKind::kOperator && e.organisation == m.organisation;
    if (own && (!e.api || m.has(Role::kKeeping))) out.push_back(e.name);
  }
  return out;
}

std::string node_toml(const MemberPlan& m, const Founded& f) {
  const bool orders = m.has(Role::kSupervising);
  std::string out = fmt::format(
      "# Node {}, made by lotmark ca init. Paths are relative to this file.\n"
      "[node]\nname = \"{}\"\norganisation = \"{}\"\nkey = \"record.key\"\nanchor = "
      "\"../../anchor.cbor\"\n"
      "data_dir = \"{}\"\nlog = \"info\"\npoll_ms = 200\nordering = \"{}\"\nprimary = \"{}\"\n"
      "\n[peer]\naddress = \"{}\"\nport = {}\ncert = \"tls.crt\"\nkey = \"tls.key\"\nca = "
      "\"../../ca/ca.crt\"\n"
      "\n[control]\naddress = \"127.0.0.1\"\nport = {}\nopen_metrics = false\n",
      m.name, m.name, m.organisation, m.data_dir, orders ? f.plan.ordering : "local",
      to_hex(f.kid(f.plan.primary)), m.host, m.peer_port, m.control_port);
  if (m.has(Role::kAgency)) {
    out += fmt::format(
        "# Who may do more than bring marks of use: the shops that are enrolled are operators, "
        "too.\n"
        "operators = {}\n",
        quoted(operators_of(m, f.plan)));
  }
  if (orders) out += order_section(f.plan, m.organisation);
  const BrokerPlan* broker = nullptr;
  if (m.has(Role::kKeeping)) broker = f.plan.broker_of(m.organisation);
  if (m.has(Role::kReviewing)) broker = f.plan.consortium_broker();
  if (broker != nullptr) out += broker_section("broker", *broker, "../../ca/ca.crt", "");
  if (m.has(Role::kKeeping)) {
    out += fmt::format("\n[enterprise]\nlines = {}\nbundle_s = {}\n", quoted(lines_of(m, f.plan)),
                       m.bundle_s);
  }
  if (m.has(Role::kReviewing))
    out += fmt::format("\n[review]\nlines = {}\n", quoted(lines_of(m, f.plan)));
  out += sealing_sections(m, f);
  for (const auto& p : f.plan.members) {
    if (p.name == m.name) continue;
    out += fmt::format("\n[[peers]]\nname = \"{}\"\nkid = \"{}\"\nurl = \"https://{}:{}\"\n",
                       p.name, to_hex(f.kid(p.name)), p.host, p.peer_port);
  }
  return out;
}

std::string agent_toml(const EnrolledPlan& e, const Founded& f, const Layout& dir) {
  const std::string own = dir.enrolled(e).string() + "/";
  const std::string ca = (dir.ca() / "ca.crt").string();
  std::string out = fmt::format(
      "# Agent of device {}, made by lotmark ca init. Add one [[source]] or more at the end.\n"
      "[agent]\norganisation = \"{}\"\ndevice = \"{}\"\nstate_dir = \"{}state\"\nchain = "
      "\"{}\"\nbundle_s = {}\n"
      "\n[key]\nfile = \"{}record.key\"\n",
      e.name, e.organisation, e.name, own, to_hex(f.chain), bundle_s(f.plan, e.organisation), own);
  const BrokerPlan* broker = f.plan.broker_of(e.organisation);
  out += broker_section("broker", *broker, ca, own);
  const BrokerPlan* consortium = f.plan.consortium_broker();
  const bool carries =
      std::any_of(f.plan.enrolled.begin(), f.plan.enrolled.end(), [&](const auto& s) {
        return s.kind == EnrolmentKind::kStart && s.gateway == e.name &&
               s.organisation == e.organisation;
      });
  if (carries && consortium != broker) out += broker_section("consortium", *consortium, ca, own);
  out += fmt::format("\n[node]\nenterprise = {}\nreviewers = {}\n",
                     quoted(public_keys(f, Role::kKeeping, e.organisation)),
                     quoted(public_keys(f, Role::kReviewing, "")));
  return out;
}

std::string api_toml(const ApiPlan& a, const Founded& f) {
  const auto node = std::filesystem::path("../../members") / a.member;
  const std::string data = (node / f.plan.member(a.member)->data_dir).string();
  const MemberPlan* keeper = f.plan.keeper_of(a);
  std::string out = fmt::format(
      "# API {}, made by lotmark ca init. Paths are relative to this file. Before it is started: "
      "{}\n"
      "[api]\naddress = \"{}\"\nport = {}\norigin = \"{}\"\ntls_cert = \"tls.crt\"\n"
      "tls_key = \"tls.key\"\nchain_db = \"{}/chain.db\"\nanchor = \"../../anchor.cbor\"\n",
      a.name,
      keeper != nullptr
          ? "the\n# node's databases must be there. It runs as the node's user, whose alone "
            "private.db is."
          : "the\n# node's chain.db must be there, and lotmark page --out page must have made the "
            "page.",
      a.host, a.port, a.origin, data);
  if (keeper == nullptr) return out + "page_dir = \"page\"\n";
  return out +
         fmt::format(
             "\n# Beside a standby: its databases, and as node the enterprise's own, which keeps "
             "events "
             "and the\n# access log (docs/operate/backup.md).\n"
             "[epcis]\nprivate_db = \"{}/private.db\"\nnode = \"http://127.0.0.1:{}\"\n"
             "node_kid = \"{}\"\nkey = \"record.key\"\n"
             "\n# lotmark token issue --key token.key --issuer {} --audience {} --organisation {} "
             "...\n# gives a system of the organisation its token.\n"
             "[access]\norganisation = \"{}\"\n\n[[access.issuers]]\nissuer = \"{}\"\naudience = "
             "\"{}\"\njwks_file = \"token.jwks\"\n",
             data, keeper->control_port, to_hex(f.kid(keeper->name)), a.origin, a.origin,
             keeper->organisation, keeper->organisation, a.origin, a.origin);
}

std::string profile_toml(const EnrolledPlan& op, const MemberPlan& m, const Founded& f) {
  return fmt::format(
      "# Operator {} at node {}, made by lotmark ca init. Paths are relative to this file.\n"
      "control = \"http://127.0.0.1:{}\"\nnode = \"{}\"\nkey = \"record.key\"\nanchor = "
      "\"../../anchor.cbor\"\n",
      op.name, m.name, m.control_port, to_hex(f.kid(m.name)));
}

}  // namespace lotmark::cli
