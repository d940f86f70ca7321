#include "cli/ca/issue.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/ca/certificates.h"
#include "cli/files.h"
#include "core/base/hex.h"
#include "core/bus/bus.h"
#include "core/crypto/p256.h"

namespace lotmark::cli {

namespace {

// The ACLs of brokers go by this name: it must be one that topics can have.
Status check_name(const std::string& name) {
  const auto slash = name.find('/');
  const bool good = slash != std::string::npos && bus::valid_name(name.substr(0, slash)) &&
                    bus::valid_name(name.substr(slash + 1));
  if (!good)
    return fail(Errc::kUsage,
                "\"" + name + "\": a name is organisation/name, each 1 to 32 of a-z, 0-9 and -");
  return {};
}

Result<CertificateRequest> requested(const CaIssueArguments& a) {
  if (a.csr.empty() == a.public_key.empty())
    return fail(Errc::kUsage, "give either --csr or --public-key");
  if (!a.csr.empty()) {
    LM_ASSIGN(const Bytes pem, read_file(a.csr, 65536));
    return read_request(as_text(pem));
  }
  const auto key = fixed_from_hex<PublicKey>(a.public_key);
  if (!key || !Verifier::from(*key))
    return fail(Errc::kUsage, "--public-key must be a P-256 point: 04 and 128 hex digits");
  return CertificateRequest{*key, {}};
}

Result<std::string> issue(const CaIssueArguments& a) {
  LM_ASSIGN(const auto request, requested(a));
  TlsSubject subject;
  subject.common_name = a.name.empty() ? request.common_name : a.name;
  subject.hosts = a.hosts;
  subject.days = a.days;
  subject.server = a.kind != "device";
  subject.client = a.kind != "broker";
  LM_TRY(check_name(subject.common_name));
  if (subject.server && a.hosts.empty()) return fail(Errc::kUsage, "a " + a.kind + " needs --host");
  if (!subject.server && !a.hosts.empty())
    return fail(Errc::kUsage, "--host is for nodes and brokers");
  LM_ASSIGN(const auto ca, TlsAuthority::open(std::filesystem::path(a.dir) / "ca"));
  return ca.issue(request.key, subject);
}

}  // namespace

Exit run_ca_issue(const CaIssueArguments& a, Output& out) {
  const auto pem = issue(a);
  if (!pem) return out.error(pem.error());
  if (!a.out.empty()) {
    if (Status s = write_file(a.out, *pem); !s) return out.error(s.error());
  }
  if (out.json) return out.value({{"certificate", *pem}, {"file", a.out}});
  if (a.out.empty()) out.block(*pem);
  else out.line("Certificate in " + a.out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
