#include "api/access/caller.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/hex.h"

namespace lotmark::api::access {

namespace {

constexpr std::size_t kRegionMax = 64;

using Ipv6 = std::array<std::uint8_t, 16>;

std::optional<Ipv6> ipv6(std::string_view text) {
  Ipv6 out;
  const std::string s(text.substr(0, text.find('%')));
  if (inet_pton(AF_INET6, s.c_str(), out.data()) != 1) return std::nullopt;
  return out;
}

std::string ipv6_text(const Ipv6& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

// An address as it is counted: a network of IPv6 is one household's, and has 2^64 addresses.
std::string counted_address(std::string_view plain) {
  auto v6 = ipv6(plain);
  if (!v6) return std::string(plain);
  std::fill(v6->begin() + 8, v6->end(), std::uint8_t{0});
  return ipv6_text(*v6) + "/64";
}

bool is_loopback(std::string_view plain) { return plain == "::1" || plain.starts_with("127."); }

// Any sign that somebody stands between, even one that is not configured.
bool was_forwarded(const http::Request& r) {
  for (const std::string_view name : {"forwarded", "x-forwarded-for", "x-real-ip", "via"}) {
    if (!r.header(name).empty()) return true;
  }
  return !r.header(headers::kAddress).empty() || !r.header(headers::kVerify).empty();
}

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer";
  if (authorization.size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((authorization[i] | 0x20) != kScheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(kScheme.size());
  if (!authorization.empty() && !authorization.starts_with(' ')) return std::nullopt;
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  return authorization;
}

namespace {

Status check_rule(const CertificateRule& r) {
  if (r.common_name.empty() == !r.fingerprint)
    return fail(Errc::kConfig, "a certificate's rule has either a common name or a fingerprint");
  const auto at = "certificate " + (r.fingerprint ? to_hex(*r.fingerprint) : r.common_name) + ": ";
  if (r.common_name.size() > 256) return fail(Errc::kConfig, "a common name is above 256 bytes");
  if (!valid_organisation(r.organisation))
    return fail(Errc::kConfig, at + "its organisation is not [a-z0-9-]{1,32}");
  if (r.roles.empty()) return fail(Errc::kConfig, at + "it has no role");
  return {};
}

bool same_certificate(const CertificateRule& a, const CertificateRule& b) {
  return a.common_name == b.common_name && a.fingerprint == b.fingerprint;
}

}  // namespace

std::string_view name(How how) {
  switch (how) {
    case How::kNobody: return "nobody";
    case How::kCertificate: return "certificate";
    case How::kToken: return "token";
  }
  return "nobody";
}

std::optional<std::string> plain_address(std::string_view text) {
  if (text.size() > 64 || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::array<std::uint8_t, 4> v4{};
  if (const std::string s(text); inet_pton(AF_INET, s.c_str(), v4.data()) == 1) return s;
  const auto v6 = ipv6(text);
  if (!v6) return std::nullopt;
  static constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
  if (std::equal(kMapped.begin(), kMapped.end(), v6->begin()))
    return fmt::format("{}.{}.{}.{}", (*v6)[12], (*v6)[13], (*v6)[14], (*v6)[15]);
  return ipv6_text(*v6);
}

Result<Callers> Callers::make(CallerRules rules, const TokenJudge& tokens) {
  if (rules.certificates.size() > kRulesMax || rules.proxies.size() > kRulesMax)
    return fail(Errc::kConfig, fmt::format("more than {} certificates or proxies", kRulesMax));
  if (!rules.organisation.empty() && !valid_organisation(rules.organisation))
    return fail(Errc::kConfig, "the site's organisation is not [a-z0-9-]{1,32}");
  for (std::string& proxy : rules.proxies) {
    const auto plain = plain_address(proxy);
    if (!plain) return fail(Errc::kConfig, "the proxy " + proxy + " is no IP address");
    proxy = *plain;
  }
  for (auto i = rules.certificates.begin(); i != rules.certificates.end(); ++i) {
    LM_TRY(check_rule(*i));
    const bool twice = std::any_of(rules.certificates.begin(), i,
                                   [&](const auto& other) { return same_certificate(other, *i); });
    if (twice)
      return fail(Errc::kConfig, "a certificate has two rules: " +
                                     (i->fingerprint ? to_hex(*i->fingerprint) : i->common_name));
  }
  return Callers(std::move(rules), tokens);
}

RoleSet Callers::roles_here(const std::string& organisation, RoleSet roles) const {
  if (rules_.organisation.empty() || organisation == rules_.organisation) return roles;
  return roles.both({AccessRole::kPartner, AccessRole::kRegulator});
}

bool Callers::is_proxy(std::string_view address) const {
  return std::ranges::find(rules_.proxies, address) != rules_.proxies.end();
}

std::optional<ClientCertificate> Callers::certificate_of(const http::Request& r,
                                                         bool proxied) const {
  if (!proxied) {
    if (r.peer_name.empty()) return std::nullopt;
    return ClientCertificate{r.peer_name, std::nullopt};
  }
  if (r.header(headers::kVerify) != "SUCCESS") return std::nullopt;
  if (const auto text = r.header(headers::kCertificate); !text.empty()) {
    auto whole = read_escaped_certificate(text);
    return whole ? whole : ClientCertificate{};  // somebody with a certificate that cannot be read
  }
  ClientCertificate out;
  out.common_name = common_name_of(r.header(headers::kName)).value_or("");
  out.fingerprint = fixed_from_hex<Digest>(r.header(headers::kFingerprint));
  return out;
}

void Callers::apply(const ClientCertificate& certificate, Caller& caller) const {
  const auto& rules = rules_.certificates;
  auto rule = std::ranges::find_if(rules, [&](const CertificateRule& r) {
    return r.fingerprint && r.fingerprint == certificate.fingerprint;
  });
  if (rule == rules.end() && !certificate.common_name.empty())
    rule = std::ranges::find(rules, certificate.common_name, &CertificateRule::common_name);
  caller.how = How::kCertificate;
  const bool known = rule != rules.end();
  if (known) {
    caller.organisation = rule->organisation;
    caller.roles = roles_here(rule->organisation, rule->roles);
  }
  // By what its rule names it: two certificates of one common name may be two callers.
  const bool by_fingerprint = (known && rule->fingerprint) || certificate.common_name.empty();
  if (!by_fingerprint) caller.id = "certificate:" + certificate.common_name;
  else if (certificate.fingerprint) caller.id = "fingerprint:" + to_hex(*certificate.fingerprint);
}

Caller Callers::locate(const http::Request& r) const {
  Caller out;
  std::string from = plain_address(r.remote).value_or("");
  out.loopback = is_loopback(from) && !was_forwarded(r);
  const auto told = plain_address(r.header(headers::kAddress));
  if (is_proxy(from)) out.region = r.header(headers::kRegion).substr(0, kRegionMax);
  if (told && is_proxy(from)) from = *told;
  out.address = counted_address(from);
  out.id = "address:" + out.address;
  return out;
}

Result<Caller> Callers::identify(const http::Request& r, Time now) const {
  Caller out = locate(r);
  const auto certificate = certificate_of(r, is_proxy(plain_address(r.remote).value_or("")));
  const auto token = bearer_token(r.header("authorization"));
  if (!token) {
    if (certificate) apply(*certificate, out);
    return out;
  }
  LM_ASSIGN(TokenClaims claims, tokens_->judge(*token, now));
  if (claims.certificate && (!certificate || certificate->fingerprint != claims.certificate))
    return fail(Errc::kDenied, "the token is good only with the certificate it was issued for");
  out.how = How::kToken;
  out.id = "token:" + claims.subject + "@" + claims.issuer;
  out.organisation = std::move(claims.organisation);
  out.roles = roles_here(out.organisation, claims.roles);
  return out;
}

}  // namespace lotmark::api::access
