#include "edge-agent/enrol/enrol.h"

#include <fstream>

#include "core/base/hex.h"
#include "core/base/private_file.h"
#include "core/base/whole_file.h"
#include "core/bus/bus.h"
#include "core/crypto/key_file.h"
#include "core/enrolment/exchange.h"
#include "edge-agent/config/place_files.h"
#include "edge-agent/config/toml_text.h"
#include "edge-agent/enrol/folder_owner.h"
#include "edge-agent/key/record_key.h"
#include "edge-agent/tls/certificate.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

// What is asked for, kept from request to answer: the record key's place and the code's key.
struct Pending {
  std::string name;
  KeyPlace key;
  Digest code;
};
fs::path pending_file(const fs::path& dir) { return dir / "enrolment.key"; }

Status keep(const fs::path& dir, const Pending& p) {
  const std::string text = p.name + "\n" + to_hex(p.code) + "\n" + p.key.uri + "\n";
  return write_whole(pending_file(dir), as_bytes(text));
}

Result<Pending> pending(const fs::path& dir) {
  LM_TRY(check_private_file(pending_file(dir)));
  std::ifstream in(pending_file(dir));
  Pending p;
  std::string code;
  std::getline(in, p.name);
  std::getline(in, code);
  std::getline(in, p.key.uri);
  if (p.key.uri.empty()) p.key.file = dir / "record.key";
  const auto key = fixed_from_hex<Digest>(code);
  if (!key) return fail(Errc::kCorrupt, pending_file(dir).string() + ": ask again (enrol request)");
  p.code = *key;
  return p;
}

Status check_name(const std::string& name) {
  const auto slash = name.find('/');
  if (slash != std::string::npos && bus::valid_name(name.substr(0, slash)) &&
      bus::valid_name(name.substr(slash + 1)))
    return {};
  return fail(Errc::kUsage,
              "\"" + name + "\": a name is organisation/device, each 1 to 32 of a-z, 0-9 and -");
}

Result<std::unique_ptr<Signer>> record_key(const KeyPlace& place) {
  auto there = open_record_key(place);
  const bool none =
      !there && (place.uri.empty() ? !fs::exists(place.file) : there.code() == Errc::kNotFound);
  if (!none) return there;
  LM_TRY(make_record_key(place));
  return open_record_key(place);
}

Result<Scalar> tls_key(const fs::path& file) {
  if (!fs::exists(file)) LM_TRY(write_key_file(file, new_scalar()));
  return read_key_file(file);
}

}  // namespace

Result<std::string> request_enrolment(const EnrolRequest& r) {
  LM_TRY(check_name(r.name));
  const auto code = enrolment::code_key(r.code);
  if (!code) return fail(Errc::kUsage, "--code: a code has twenty letters and digits");
  std::error_code failed;
  fs::create_directories(r.keys, failed);
  if (failed) return fail(Errc::kIo, r.keys.string() + ": " + failed.message());
  LM_ASSIGN(const auto owner, FolderOwner::become(r.keys));
  Pending p{r.name, {}, *code};
  if (r.key_uri.empty()) p.key.file = r.keys / "record.key";
  p.key.uri = r.key_uri;
  LM_ASSIGN(const auto signer, record_key(p.key));
  LM_ASSIGN(const auto tls, tls_key(r.keys / "tls.key"));
  LM_ASSIGN(const auto csr, make_request(tls, r.name));
  LM_TRY(keep(r.keys, p));
  return enrolment::write_request({r.name, signer->public_key(), csr}, *signer, *code);
}

namespace {

// What agent.toml says; the certificates are in place by then.
Result<std::string> take_certificates(const EnrolFolders& to, std::string_view text, Time now) {
  LM_ASSIGN(const auto owner, FolderOwner::become(to.keys));
  LM_ASSIGN(const auto p, pending(to.keys));
  LM_ASSIGN(const auto answer, enrolment::read_answer(text, p.code));
  LM_ASSIGN(const auto certificate, read_certificate(answer.certificate));
  LM_ASSIGN(const auto tls, read_key_file(to.keys / "tls.key"));
  LM_TRY(check_certificate(certificate, tls, now));
  if (answer.name != p.name || certificate.common_name != p.name)
    return fail(Errc::kKeyBad, "the answer is for " + answer.name + ", not " + p.name);
  LM_ASSIGN(const auto placed, place_files(answer.config, fs::absolute(to.keys)));
  LM_TRY(write_whole(to.keys / "tls.crt", as_bytes(answer.certificate), kReadByAll));
  LM_TRY(write_whole(to.keys / "ca.crt", as_bytes(answer.ca), kReadByAll));
  const std::string key = p.key.uri.empty()
                              ? "file = " + toml_text(fs::absolute(p.key.file).string())
                              : "uri = " + toml_text(p.key.uri);
  return "# Made by lotmark-edge-agent enrol. Add one [[source]] or more at the end.\n" + placed +
         "\n[key]\n" + key + "\n";
}

}  // namespace

Status accept_enrolment(const EnrolFolders& to, std::string_view text, Time now) {
  const fs::path config = to.config / "agent.toml";
  if (fs::exists(config)) return fail(Errc::kConflict, config.string() + " is there already");
  LM_ASSIGN(const auto said, take_certificates(to, text, now));
  std::error_code failed;
  fs::create_directories(to.config, failed);
  LM_TRY(write_new(config, as_bytes(said), kReadByAll));
  LM_ASSIGN(const auto owner, FolderOwner::become(to.keys));
  fs::remove(pending_file(to.keys), failed);
  return {};
}

}  // namespace lotmark::agent
