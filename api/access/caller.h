// Who calls: by a bearer token, by a client certificate that TLS verified here or at a proxy in front, or nobody in
// particular.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/access/certificate.h"
#include "api/access/jwt.h"
#include "api/access/policy.h"
#include "api/access/roles.h"
#include "core/http/message.h"

namespace lotmark::api::access {

// What a proxy says of its caller. It must set each of them on every request it hands on, to "" where it has nothing, so
// that a caller's own never pass; of anybody else they are not looked at. In nginx:
//   proxy_set_header X-Lotmark-Client-Address     $remote_addr;
//   proxy_set_header X-Lotmark-Client-Verify      $ssl_client_verify;
//   proxy_set_header X-Lotmark-Client-DN          $ssl_client_s_dn;
//   proxy_set_header X-Lotmark-Client-Certificate $ssl_client_escaped_cert;
//   proxy_set_header X-Lotmark-Client-Fingerprint "";
//   proxy_set_header X-Lotmark-Client-Region      "";
// The region is for proxies that have a table of them ("CN-53"), and is used for sightings alone. The fingerprint is for proxies that have one of SHA-256 (64 hex digits); nginx's own is of SHA-1 and is not taken.
namespace headers {
inline constexpr std::string_view kAddress = "x-lotmark-client-address";
inline constexpr std::string_view kVerify = "x-lotmark-client-verify";  // SUCCESS, or there is none
inline constexpr std::string_view kName = "x-lotmark-client-dn";
inline constexpr std::string_view kCertificate = "x-lotmark-client-certificate";
inline constexpr std::string_view kFingerprint = "x-lotmark-client-fingerprint";
inline constexpr std::string_view kRegion = "x-lotmark-client-region";  // at most 64 bytes of it
}  // namespace headers

enum class How : std::uint8_t { kNobody, kCertificate, kToken };
std::string_view name(How how);  // "certificate"

struct Caller {
  // For rate limits, jobs and queries of its own, and the access log: "address:192.0.2.7", "certificate:hualin/erp",
  // "fingerprint:" and 64 hex digits (found by a rule of the fingerprint, or without a common name),
  // "token:erp@https://id.example"; at most 600 bytes.
  std::string id;
  std::string organisation;  // empty: none
  RoleSet roles;
  How how = How::kNobody;
  std::string address;    // where it came from, the proxy's word for it; of IPv6 its /64
  std::string region{};   // the proxy's word for it; empty: it says none
  bool loopback = false;  // a program of this machine, without a proxy between

  Standing standing() const { return {roles, how != How::kNobody, loopback}; }
};

// A certificate's owner. Exactly one of common name and fingerprint is given.
struct CertificateRule {
  std::string common_name;
  std::optional<Digest> fingerprint;  // SHA-256 of the certificate's DER; looked for first
  std::string organisation;
  RoleSet roles;
};

struct CallerRules {
  // Whose events are behind this: only its own capture, read, administer and report use; others are partners and
  // regulators at most, whatever else their credentials say. Empty: each is taken at its word.
  std::string organisation{};
  std::vector<std::string> proxies;  // IP addresses whose headers are believed
  std::vector<CertificateRule> certificates;
};

// Immutable; safe to share between threads.
class Callers {
 public:
  static constexpr std::size_t kRulesMax = 4096;

  // `tokens` outlives this. config: a site that is no name, a proxy that is no IP address, a rule without or with both names, twice the same,
  // without roles, an organisation that is no name, too many.
  static Result<Callers> make(CallerRules rules, const TokenJudge& tokens);

  // A token, where there is one, says who calls, and a certificate then only backs it (RFC 8705). Errors are those of
  // TokenJudge::judge: credentials that do not hold are refused even where none are needed. Anything else is somebody: a
  // certificate that no rule names has no roles, other schemes of Authorization are nobody's.
  Result<Caller> identify(const http::Request& request, Time now) const;
  // Its address alone: who is there, credentials left aside.
  Caller locate(const http::Request& request) const;

 private:
  Callers(CallerRules rules, const TokenJudge& tokens)
      : rules_(std::move(rules)), tokens_(&tokens) {}
  bool is_proxy(std::string_view address) const;
  std::optional<ClientCertificate> certificate_of(const http::Request& request, bool proxied) const;
  // The roles it may have here.
  RoleSet roles_here(const std::string& organisation, RoleSet roles) const;
  void apply(const ClientCertificate& certificate, Caller& caller) const;

  CallerRules rules_;
  const TokenJudge* tokens_;
};

// The token behind "Bearer " (RFC 6750 section 2.1; the scheme in any case) of an Authorization header. Nothing for another
// scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization);

// An IP address in one form: IPv4 in IPv6 as IPv4, no zone. Nothing for what is none.
std::optional<std::string> plain_address(std::string_view text);

}  // namespace lotmark::api::access
