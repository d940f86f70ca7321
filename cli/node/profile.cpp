#include "cli/node/profile.h"

#include <cstdlib>

#include "cli/files.h"
#include "cli/toml_reader.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/proof/statements.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;

fs::path profile_file(const ProfileChoice& choice) {
  if (!choice.file.empty()) return choice.file;
  if (const char* named = std::getenv("LOTMARK_PROFILE"); named != nullptr && *named != '\0')
    return named;
  std::error_code none;
  return fs::exists("lotmark.toml", none) ? "lotmark.toml" : "";
}

// Fills what the command line left open; paths in the file are relative to it.
Status fill_from(const fs::path& file, ProfileChoice& choice) {
  Faults faults;
  try {
    const toml::table table = toml::parse_file(file.string());
    TableReader t(table, "", faults);
    auto fill = [&](const char* key, std::string& out, bool is_path) {
      std::string text = t.text(key);
      if (text.empty() || !out.empty()) return;
      const bool relative = is_path && fs::path(text).is_relative();
      out = relative ? (file.parent_path() / text).string() : text;
    };
    fill("control", choice.control, false);
    fill("node", choice.node_kid, false);
    fill("key", choice.key, true);
    fill("anchor", choice.anchor, true);
    t.refuse_others();
  } catch (const toml::parse_error& e) {
    faults.add(e.source().begin.line, "", std::string(e.description()));
  }
  if (!faults.empty()) return faults.error(file.string());
  return {};
}

// What the command line and the profile's file say together.
struct Settled {
  ProfileChoice choice;
  std::string named;  // where a fault is looked for
};

Result<Settled> settle(const ProfileChoice& given) {
  Settled out{given, "command line"};
  const fs::path file = profile_file(given);
  if (file.empty()) return out;
  LM_TRY(fill_from(file, out.choice));
  out.named = file.string();
  return out;
}

void need(Faults& faults, const std::string& value, const char* option, const char* key) {
  if (value.empty()) faults.add(0, option, "not given, nor " + std::string(key) + " in a profile");
}

void need_signing(Faults& faults, const ProfileChoice& choice) {
  need(faults, choice.key, "--key", "key");
  need(faults, choice.anchor, "--anchor", "anchor");
}

Status read_signing(const ProfileChoice& choice, SigningProfile& out) {
  LM_ASSIGN(const Scalar scalar, read_key_file(choice.key));
  LM_ASSIGN(out.signer, signer_openssl(scalar.view()));
  LM_ASSIGN(out.anchor, read_file(choice.anchor));
  LM_ASSIGN(const Anchor anchor, read_anchor(out.anchor));
  LM_ASSIGN(const auto statements, proof::Statements::from_anchor(anchor));
  out.chain = statements.chain();
  return {};
}

}  // namespace

Result<Profile> open_profile(const ProfileChoice& given) {
  LM_ASSIGN(const auto settled, settle(given));
  const ProfileChoice& choice = settled.choice;
  Faults faults;
  need(faults, choice.control, "--control", "control");
  need(faults, choice.node_kid, "--node-kid", "node");
  need_signing(faults, choice);
  Profile p;
  p.control = choice.control;
  const auto kid = fixed_from_hex<KeyId>(choice.node_kid);
  if (!choice.node_kid.empty() && !kid) faults.add(0, "node", "must be a kid: 32 hex digits");
  if (!faults.empty()) return faults.error(settled.named);
  p.node = *kid;
  LM_TRY(read_signing(choice, p));
  return p;
}

Result<SigningProfile> open_signing_profile(const ProfileChoice& given) {
  LM_ASSIGN(const auto settled, settle(given));
  Faults faults;
  need_signing(faults, settled.choice);
  if (!faults.empty()) return faults.error(settled.named);
  SigningProfile p;
  LM_TRY(read_signing(settled.choice, p));
  return p;
}

}  // namespace lotmark::cli
