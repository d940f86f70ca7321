#include "cli/ca/init.h"

#include <nlohmann/json.hpp>

#include "api/access/jwks.h"
#include "cli/ca/certificates.h"
#include "cli/ca/configs.h"
#include "cli/ca/genesis.h"
#include "cli/ca/nats.h"
#include "cli/files.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/sealed/keys.h"
#include "core/wire/sign1.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;

Status make_dir(const fs::path& dir) {
  std::error_code e;
  fs::create_directories(dir, e);
  if (e) return fail(Errc::kIo, dir.string() + ": " + e.message());
  return {};
}

// A new record key in DIR/record.key, or the public half of one made elsewhere.
Result<PublicKey> settle_key(const fs::path& dir, const GivenKey& given) {
  LM_TRY(make_dir(dir));
  if (given) return *given;
  const Scalar scalar = new_scalar();
  LM_TRY(write_key_file(dir / "record.key", scalar));
  LM_ASSIGN(const auto signer, signer_openssl(scalar.view()));
  return signer->public_key();
}

bool keeps_rows(const MemberPlan& m) { return m.has(Role::kKeeping) || m.has(Role::kReviewing); }

// What enterprises and reviewers open sealed segments with, apart from what they sign with. Made where the record key is.
Result<PublicKeys> settle_opening_keys(const ConsortiumPlan& plan, const Layout& to) {
  PublicKeys keys;
  for (const auto& m : plan.members) {
    if (!keeps_rows(m)) continue;
    if (m.opening_key) keys[m.name] = *m.opening_key;
    if (m.key || m.opening_key) continue;
    const Scalar scalar = new_scalar();
    LM_TRY(write_key_file(to.member(m.name) / "opening.key", scalar));
    LM_ASSIGN(const auto key, sealed::OpeningKey::from(scalar));
    LM_TRY(write_file(to.member(m.name) / "opening.key.pub", to_hex(key.public_key()) + "\n"));
    keys[m.name] = key.public_key();
  }
  return keys;
}

Result<PublicKeys> settle_keys(const ConsortiumPlan& plan, const Layout& to) {
  PublicKeys keys;
  for (const auto& m : plan.members) {
    LM_ASSIGN(keys[m.name], settle_key(to.member(m.name), m.key));
  }
  for (const auto& e : plan.enrolled) {
    if (e.invite) {
      LM_TRY(make_dir(to.enrolled(e)));  // for the configuration it will be given
    } else {
      LM_ASSIGN(keys[e.name], settle_key(to.enrolled(e), e.key));
    }
  }
  return keys;
}

Result<std::unique_ptr<Signer>> root_signer(const ConsortiumPlan& plan, const Layout& to) {
  LM_TRY(make_dir(to.root()));
  if (!plan.root_key.empty()) {
    LM_ASSIGN(const Scalar given, read_key_file(plan.root_key));
    return signer_openssl(given.view());
  }
  const Scalar scalar = new_scalar();
  LM_TRY(write_key_file(to.root() / "record.key", scalar));
  return signer_openssl(scalar.view());
}

TlsSubject subject(const std::string& organisation, const std::string& name,
                   const std::string& host, bool server, bool client) {
  TlsSubject s;
  s.common_name = organisation + "/" + name;
  s.server = server;
  s.client = client;
  if (server) {
    s.hosts = {"127.0.0.1", "localhost"};
    if (host != "127.0.0.1" && host != "localhost") s.hosts.push_back(host);
  }
  return s;
}

// Servers and administrators by the consortium's CA; routes by one of their own, which no member's or device's
// certificate passes.
Status issue_nats(const ConsortiumPlan& plan, const Layout& to, const TlsAuthority& ca) {
  if (plan.nats.servers.empty()) return {};
  LM_TRY(make_dir(to.routes_ca()));
  LM_ASSIGN(const auto routes, TlsAuthority::make(to.routes_ca(), plan.name + " routes CA"));
  for (const auto& s : plan.nats.servers) {
    LM_TRY(make_dir(to.nats_route(s.name)));
    LM_TRY(ca.issue_new(to.nats(s.name), subject(kNatsServer, s.name, s.host, true, false)));
    LM_TRY(
        routes.issue_new(to.nats_route(s.name), subject(kNatsRoute, s.name, s.host, true, true)));
  }
  for (const auto& o : nats_organisations(plan.nats)) {
    LM_TRY(make_dir(to.nats_system(o)));
    LM_TRY(ca.issue_new(to.nats_system(o), subject(kNatsSystem, o, "", false, true)));
    if (!plan.jetstream()) continue;
    LM_TRY(ca.issue_new(to.nats_admin(o), subject(kNatsAdmin, o, "", false, true)));
  }
  return {};
}

Status issue_certificates(const ConsortiumPlan& plan, const Layout& to) {
  LM_TRY(make_dir(to.ca()));
  LM_ASSIGN(const auto ca, TlsAuthority::make(to.ca(), plan.name + " CA"));
  for (const auto& m : plan.members) {
    LM_TRY(ca.issue_new(to.member(m.name), subject(m.organisation, m.name, m.host, true, true)));
  }
  for (const auto& e : plan.enrolled) {
    // Operators use tokens on loopback, a device behind a gateway has no connection of its own, and an invited one
    // makes its own key.
    if (e.kind == EnrolmentKind::kOperator || !e.gateway.empty() || e.invite) continue;
    LM_TRY(ca.issue_new(to.enrolled(e), subject(e.organisation, e.name, "", false, true)));
  }
  for (const auto& b : plan.brokers) {
    if (!b.nats.empty()) continue;
    LM_TRY(make_dir(to.broker(b.name)));
    LM_TRY(ca.issue_new(to.broker(b.name), subject("broker", b.name, b.host, true, false)));
  }
  for (const auto& a : plan.apis) {
    LM_TRY(make_dir(to.api(a.name)));
    LM_TRY(ca.issue_new(to.api(a.name), subject("api", a.name, a.host, true, true)));
  }
  return issue_nats(plan, to, ca);
}

// What tokens for an enterprise's API are signed with, and the key set that judges them.
Status write_token_key(const fs::path& dir) {
  const Scalar scalar = new_scalar();
  LM_ASSIGN(const auto signer, signer_openssl(scalar.view()));
  LM_TRY(write_key_file(dir / "token.key", scalar));
  const PublicKey key = signer->public_key();
  return write_file(dir / "token.jwks", lotmark::api::access::key_set_json({&key, 1}));
}

// `to` is where files are written now, `final` what their contents speak of.
Status write_configs(const Founded& f, const Layout& to, const Layout& final) {
  for (const auto& s : f.plan.nats.servers) {
    LM_TRY(write_file(to.nats(s.name) / "nats-server.conf", nats_conf(s, f, final)));
  }
  for (const auto& b : f.plan.brokers) {
    if (!b.nats.empty()) continue;
    LM_TRY(write_file(to.broker(b.name) / "mosquitto.conf", mosquitto_conf(b, final)));
    LM_TRY(write_file(to.broker(b.name) / "acl", mosquitto_acl(b, f)));
  }
  for (const auto& m : f.plan.members) {
    LM_TRY(write_file(to.member(m.name) / "node.toml", node_toml(m, f)));
  }
  for (const auto& a : f.plan.apis) {
    LM_TRY(write_file(to.api(a.name) / "api.toml", api_toml(a, f)));
    if (f.plan.keeper_of(a) != nullptr) LM_TRY(write_token_key(to.api(a.name)));
  }
  for (const auto& e : f.plan.enrolled) {
    if (e.kind == EnrolmentKind::kDevice && e.gateway.empty()) {
      LM_TRY(write_file(to.enrolled(e) / "agent.toml", agent_toml(e, f, final)));
    }
    if (e.kind != EnrolmentKind::kOperator || e.api) continue;
    bool first = true;  // of several nodes of one organisation the first is the profile's
    for (const auto& m : f.plan.members) {
      if (m.organisation != e.organisation) continue;
      const std::string file = first ? "lotmark.toml" : m.name + ".toml";
      LM_TRY(write_file(to.enrolled(e) / file, profile_toml(e, m, f)));
      first = false;
    }
  }
  return {};
}

Result<Founded> build(ConsortiumPlan plan, const Layout& to, const Layout& final, Time now) {
  LM_TRY(make_dir(to.dir / "lines"));
  Founded f;
  LM_ASSIGN(f.keys, settle_keys(plan, to));
  LM_ASSIGN(f.opening, settle_opening_keys(plan, to));
  LM_ASSIGN(const auto root, root_signer(plan, to));
  LM_ASSIGN(f.anchor, make_anchor(make_membership(plan, f.keys), *root, now));
  LM_ASSIGN(const Anchor anchor, read_anchor(f.anchor));
  LM_ASSIGN(const auto genesis, open_genesis(anchor.genesis.bytes));
  f.chain = genesis.id;
  f.plan = std::move(plan);
  LM_TRY(write_file(to.anchor(), f.anchor));
  LM_TRY(write_file(to.fingerprint(), grouped_fingerprint(f.chain) + "\n"));
  for (const auto& l : f.plan.lines) {
    LM_TRY(write_file(to.line(l.name), encode(make_line(l, f.keys))));
  }
  LM_TRY(issue_certificates(f.plan, to));
  LM_TRY(write_configs(f, to, final));
  return f;
}

}  // namespace

Result<Founded> found_consortium(const fs::path& description, const fs::path& dir, Time now) {
  LM_ASSIGN(auto plan, read_consortium(description));
  std::error_code e;
  const Layout final{fs::absolute(dir, e).lexically_normal()};
  if (fs::exists(final.dir, e)) {
    return fail(Errc::kConflict, final.dir.string() + " is there already; nothing was touched");
  }
  Layout to{final.dir};
  to.dir += ".partial";
  if (fs::exists(to.dir, e)) {
    return fail(Errc::kConflict,
                to.dir.string() + " is left from a run that was cut off; look, and remove it");
  }
  auto founded = build(std::move(plan), to, final, now);
  if (founded) fs::rename(to.dir, final.dir, e);
  if (founded && e) founded = fail(Errc::kIo, final.dir.string() + ": " + e.message());
  if (!founded) fs::remove_all(to.dir, e);
  return founded;
}

Exit run_ca_init(const CaInitOptions& options, Output& out) {
  const auto founded = found_consortium(options.description, options.dir, SystemClock().now());
  if (!founded) return out.error(founded.error());
  if (out.json) {
    nlohmann::json keys;
    for (const auto& [name, key] : founded->keys) keys[name] = to_hex(key_id(key));
    return out.value({{"dir", options.dir}, {"chain", to_hex(founded->chain)}, {"kids", keys}});
  }
  out.line("Consortium " + founded->plan.name + " in " + options.dir, Paint::kStrong);
  out.line("fingerprint " + grouped_fingerprint(founded->chain));
  Table table{{"name", "what", "organisation", "kid"}, {}};
  for (const auto& m : founded->plan.members) {
    std::string roles;
    for (Role r : m.roles) roles += (roles.empty() ? "" : ", ") + std::string(name(r));
    table.rows.push_back({{m.name, roles, m.organisation, to_hex(founded->kid(m.name))}});
  }
  for (const auto& e : founded->plan.enrolled) {
    table.rows.push_back(
        {{e.name, e.api ? "api" : std::string(name(e.kind)), e.organisation,
          e.invite ? "none yet: lotmark ca invite" : to_hex(founded->kid(e.name))}});
  }
  out.table(table);
  const std::string routes =
      founded->plan.nats.servers.empty() ? "" : ", " + options.dir + "/routes";
  out.line("Keep " + options.dir + "/root" + routes + " and " + options.dir +
               "/ca offline; hand members, devices and " + "operators their own folder alone.",
           Paint::kDim);
  return Exit::kDone;
}

}  // namespace lotmark::cli
