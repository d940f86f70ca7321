#include "cli/ca/invite.h"

#include <toml++/toml.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/ca/certificates.h"
#include "cli/files.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/bus/bus.h"
#include "core/enrolment/exchange.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Name {
  std::string organisation;
  std::string device;
};
Result<Name> split(const std::string& name) {
  const auto slash = name.find('/');
  Name out{name.substr(0, slash), slash == std::string::npos ? "" : name.substr(slash + 1)};
  if (bus::valid_name(out.organisation) && bus::valid_name(out.device)) return out;
  return fail(Errc::kUsage,
              "\"" + name + "\": a name is organisation/device, each 1 to 32 of a-z, 0-9 and -");
}

fs::path invite_file(const std::string& dir, const Name& name) {
  return fs::path(dir) / "ca/invites" / (name.organisation + "." + name.device + ".json");
}

// The configuration of a device that is there, as it would be for another one: its own files stand beside it.
Result<std::string> config_like(const std::string& dir, const std::string& like, const Name& name) {
  const fs::path file = fs::path(dir) / "devices" / like / "agent.toml";
  LM_ASSIGN(const Bytes text, read_file(file, 1 << 20));
  toml::table given;
  try {
    given = toml::parse(as_text(text), file.string());
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig, file.string() + ": " + std::string(e.description()));
  }
  if (given["agent"]["organisation"].value<std::string>() != name.organisation)
    return fail(Errc::kUsage, file.string() + ": a device of another organisation");
  toml::table out;
  for (const char* part : {"agent", "broker", "consortium", "node"}) {
    if (const auto* t = given[part].as_table()) out.insert(part, *t);
  }
  auto& agent = *out["agent"].as_table();
  agent.insert_or_assign("device", name.device);
  agent.insert_or_assign("state_dir", "/var/lib/lotmark-edge");
  for (const char* part : {"broker", "consortium"}) {
    auto* t = out[part].as_table();
    if (t == nullptr || !t->contains("ca")) continue;
    t->insert_or_assign("ca", "ca.crt");
    t->insert_or_assign("cert", "tls.crt");
    t->insert_or_assign("key", "tls.key");
  }
  std::stringstream text_out;
  text_out << out << "\n";
  return text_out.str();
}

Result<std::string> invite(const CaInviteArguments& a) {
  LM_ASSIGN(const auto name, split(a.name));
  if (a.like.empty() && !fs::exists(fs::path(a.dir) / "devices" / name.device / "agent.toml"))
    return fail(Errc::kUsage, "the consortium in " + a.dir + " was not founded with " + a.name +
                                  " (invite = true): --like names a device to take after");
  LM_ASSIGN(const auto config, config_like(a.dir, a.like.empty() ? name.device : a.like, name));
  const std::string code = enrolment::new_code();
  const auto key = enrolment::code_key(code);
  const Time expires = SystemClock().now() + std::chrono::hours(a.hours);
  const json j = {
      {"name", a.name}, {"key", to_hex(*key)}, {"expires", to_iso(expires)}, {"config", config}};
  const fs::path file = invite_file(a.dir, name);
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  fs::permissions(file.parent_path(), fs::perms::owner_all, failed);
  if (failed) return fail(Errc::kIo, file.parent_path().string() + ": " + failed.message());
  // A newer code takes the place of one that was lost, and of one that was used by a gateway that is set up anew.
  LM_TRY(write_file(file, j.dump(2) + "\n", true));
  fs::remove(file.string() + ".used", failed);
  return code;
}

struct Invite {
  Digest key;
  std::string config;
};
Result<Invite> read_invite(const fs::path& file, const std::string& name) {
  if (fs::exists(file.string() + ".used"))
    return fail(Errc::kConflict, "the code for " + name + " was used already");
  auto text = read_file(file, 1 << 20);
  if (!text) return fail(Errc::kNotFound, name + " was not invited (lotmark ca invite)");
  const json j = json::parse(as_text(*text), nullptr, false);
  const auto get = [&](const char* key) {
    return j.is_object() && j.contains(key) && j[key].is_string() ? j[key].get<std::string>() : "";
  };
  const auto key = fixed_from_hex<Digest>(get("key"));
  const auto expires = from_iso(get("expires"));
  if (!key || !expires || get("name") != name)
    return fail(Errc::kCorrupt, file.string() + ": is no invitation for " + name);
  if (SystemClock().now() >= *expires)
    return fail(Errc::kDenied, "the code for " + name + " expired " + to_iso(*expires));
  return Invite{*key, get("config")};
}

Result<enrolment::Request> enrol(const CaEnrolArguments& a) {
  LM_ASSIGN(const Bytes text, read_file(a.request, enrolment::kFileMax));
  LM_ASSIGN(const auto said, enrolment::name_of_request(as_text(text)));
  LM_ASSIGN(const auto name, split(said));
  const fs::path file = invite_file(a.dir, name);
  LM_ASSIGN(const auto invite, read_invite(file, said));
  LM_ASSIGN(auto request, enrolment::read_request(as_text(text), invite.key));
  LM_ASSIGN(const auto csr, read_request(request.csr));
  TlsSubject subject;
  subject.common_name = request.name;
  subject.days = a.days;
  LM_ASSIGN(const auto authority, TlsAuthority::open(fs::path(a.dir) / "ca"));
  LM_ASSIGN(const auto certificate, authority.issue(csr.key, subject));
  LM_ASSIGN(const Bytes ca, read_file(fs::path(a.dir) / "ca/ca.crt", 1 << 16));
  const enrolment::Answer answer{request.name, certificate, std::string(as_text(ca)),
                                 invite.config};
  // The code is used up before the answer is there: it opens no second door whatever happens now.
  std::error_code failed;
  fs::rename(file, file.string() + ".used", failed);
  if (failed) return fail(Errc::kIo, file.string() + ": " + failed.message());
  LM_TRY(write_file(a.out, enrolment::write_answer(answer, invite.key)));
  return request;
}

}  // namespace

Exit run_ca_invite(const CaInviteArguments& a, Output& out) {
  const auto code = invite(a);
  if (!code) return out.error(code.error());
  if (out.json) return out.value({{"name", a.name}, {"code", *code}, {"hours", a.hours}});
  out.line("Code for " + a.name + ", good once and for " + std::to_string(a.hours) + " hours:");
  out.line("  " + *code);
  return Exit::kDone;
}

Exit run_ca_enrol(const CaEnrolArguments& a, Output& out) {
  const auto request = enrol(a);
  if (!request) return out.error(request.error());
  const std::string key = to_hex(request->record_key);
  if (out.json) return out.value({{"name", request->name}, {"record_key", key}, {"answer", a.out}});
  out.line("Answer for " + request->name + " in " + a.out +
           ". Its record key goes on the chain by");
  out.line("  lotmark enrol device " + request->name.substr(request->name.find('/') + 1) +
           " --public-key " + key + " --channel NAME:UNIT:EXP");
  return Exit::kDone;
}

}  // namespace lotmark::cli
