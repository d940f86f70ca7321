// X.509 for TLS and MQTT: a CA of P-256 and what it signs. It proves nothing about records; those
// keys are on the chain (docs/operate/consortium.md).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::cli {

struct TlsSubject {
  std::string common_name;         // organisation/name
  std::vector<std::string> hosts;  // names and IP addresses, as subjectAltName; servers need one
  bool server = false;
  bool client = true;
  unsigned days = 825;
};

class TlsAuthority {
 public:
  // Makes DIR/ca.key (0600) and DIR/ca.crt, self-signed, ten years. conflict if they are there.
  static Result<TlsAuthority> make(const std::filesystem::path& dir, const std::string& name);
  static Result<TlsAuthority> open(const std::filesystem::path& dir);
  TlsAuthority(TlsAuthority&&) noexcept;
  TlsAuthority& operator=(TlsAuthority&&) noexcept;
  ~TlsAuthority();

  // A certificate, PEM.
  Result<std::string> issue(const PublicKey& key, const TlsSubject& subject) const;
  // A new key and its certificate: DIR/tls.key (0600) and DIR/tls.crt.
  Status issue_new(const std::filesystem::path& dir, const TlsSubject& subject) const;

 private:
  struct Impl;
  explicit TlsAuthority(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The P-256 key of a PEM certificate request whose own signature holds, and its CN. key-bad if not.
struct CertificateRequest {
  PublicKey key;
  std::string common_name;
};
Result<CertificateRequest> read_request(std::string_view pem);

}  // namespace lotmark::cli
