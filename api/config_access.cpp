#include "api/config_access.h"

#include "core/base/hex.h"

namespace lotmark::api {

namespace {

using access::RoleSet;

constexpr std::int64_t kPerMinuteMax = 1'000'000;

RoleSet roles_of(ConfigTable& t, const char* key, bool needed, RoleSet otherwise) {
  std::vector<std::string> words;
  t.texts(key, words, needed);
  if (words.empty()) return otherwise;
  RoleSet out;
  for (const auto& word : words) {
    const auto role = access::role_named(word);
    if (role) out.add(*role);
    else
      t.fault_at(key, fmt::format("{} is none of capture, reader, partner, regulator, agency, "
                                  "admin",
                                  word));
  }
  return out;
}

void read_certificate(ConfigTable& t, access::CallerRules& rules) {
  access::CertificateRule rule;
  t.text("common_name", rule.common_name, false);
  std::string fingerprint;
  t.text("fingerprint", fingerprint, false);
  t.text("organisation", rule.organisation, true);
  rule.roles = roles_of(t, "roles", true, {});
  if (!fingerprint.empty()) {
    std::erase(fingerprint, ':');
    rule.fingerprint = fixed_from_hex<Digest>(fingerprint);
    if (!rule.fingerprint) t.fault_at("fingerprint", "must be a SHA-256: 64 hex digits");
  }
  if (rule.common_name.empty() == fingerprint.empty())
    t.fault_at("common_name", "a certificate has either common_name or fingerprint");
  if (!rule.organisation.empty() && !access::valid_organisation(rule.organisation))
    t.fault_at("organisation", "must be a name: [a-z0-9-]{1,32}");
  for (const auto& other : rules.certificates) {
    if (other.common_name == rule.common_name && other.fingerprint == rule.fingerprint)
      t.fault_at(rule.fingerprint ? "fingerprint" : "common_name", "has a table already");
  }
  t.finish();
  rules.certificates.push_back(std::move(rule));
}

// Keys that came unprotected would be anybody's.
bool is_safe_url(std::string_view url) {
  if (url.starts_with("https://")) return url.size() > 8;
  if (!url.starts_with("http://")) return false;
  const std::string_view host = url.substr(7, url.substr(7).find_first_of(":/"));
  return host == "127.0.0.1" || host == "localhost";
}

void read_key_source(ConfigTable& t, access::KeySource& source) {
  t.path("jwks_file", source.file, false);
  t.text("jwks_url", source.url, false);
  t.path("ca", source.ca, false);
  if (source.file.empty() == source.url.empty())
    t.fault_at("jwks_file", "an issuer has either jwks_file or jwks_url");
  if (!source.url.empty() && !is_safe_url(source.url))
    t.fault_at("jwks_url", "must be an https URL, or an http URL of this machine");
  if (source.url.starts_with("https://") && source.ca.empty())
    t.fault_at("ca", "is missing: who may answer for an https URL");
}

std::vector<access::TokenAlg> algorithms_of(ConfigTable& t,
                                            std::vector<access::TokenAlg> otherwise) {
  std::vector<std::string> words;
  t.texts("algorithms", words, false);
  if (words.empty()) return otherwise;
  std::vector<access::TokenAlg> out;
  for (const auto& word : words) {
    const auto alg = access::token_alg_named(word);
    if (alg) out.push_back(*alg);
    else t.fault_at("algorithms", word + " is none of ES256, RS256");
  }
  return out;
}

void read_issuer(ConfigTable& t, std::vector<access::KeySource>& issuers) {
  access::KeySource source;
  access::TokenIssuer& rules = source.rules;
  t.text("issuer", rules.issuer, true);
  t.text("audience", rules.audience, true);
  t.text("roles_claim", rules.roles_claim, false);
  t.text("organisation_claim", rules.organisation_claim, false);
  t.texts("organisations", rules.organisations, false);
  rules.roles_max = roles_of(t, "roles", false, rules.roles_max);
  rules.algorithms = algorithms_of(t, rules.algorithms);
  read_key_source(t, source);
  for (const auto& name : rules.organisations) {
    if (!access::valid_organisation(name))
      t.fault_at("organisations", name + " is no name: [a-z0-9-]{1,32}");
  }
  for (const auto& other : issuers) {
    if (other.rules.issuer == rules.issuer) t.fault_at("issuer", "has a table already");
  }
  t.finish();
  issuers.push_back(std::move(source));
}

void read_proxies(ConfigTable& t, std::vector<std::string>& out) {
  t.texts("proxies", out, false);
  for (const auto& proxy : out) {
    if (!access::plain_address(proxy)) t.fault_at("proxies", proxy + " is no IP address");
  }
}

toml::array texts_toml(const std::vector<std::string>& texts) {
  toml::array out;
  for (const auto& text : texts) out.push_back(text);
  return out;
}

toml::array roles_toml(RoleSet roles) {
  toml::array out;
  std::string all = access::names(roles);
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find(' ', at), all.size());
    out.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

toml::table issuer_toml(const access::KeySource& s) {
  toml::array algorithms;
  for (const auto alg : s.rules.algorithms) algorithms.push_back(std::string(access::name(alg)));
  toml::table out{{"issuer", s.rules.issuer},
                  {"audience", s.rules.audience},
                  {"roles_claim", s.rules.roles_claim},
                  {"organisation_claim", s.rules.organisation_claim},
                  {"algorithms", std::move(algorithms)}};
  if (s.rules.roles_max != RoleSet::all()) out.insert("roles", roles_toml(s.rules.roles_max));
  if (!s.rules.organisations.empty())
    out.insert("organisations", texts_toml(s.rules.organisations));
  if (!s.file.empty()) out.insert("jwks_file", s.file.string());
  if (!s.url.empty()) out.insert("jwks_url", s.url);
  if (!s.ca.empty()) out.insert("ca", s.ca.string());
  return out;
}

}  // namespace

access::GateRules AccessConfig::rates() const {
  const auto of = [](std::int64_t per_minute, std::size_t clients) {
    const auto n = static_cast<double>(per_minute);
    return access::RateLimits{
        .per_second = n / 60, .burst = std::max(1.0, n / 10), .clients_max = clients};
  };
  access::GateRules out;
  out.nobody = of(nameless_per_minute, 65536);
  out.known = of(named_per_minute, 4096);
  const double kib = static_cast<double>(body_mib_per_minute) * 1024;
  out.bodies = {.per_second = kib / 60, .burst = kib, .clients_max = 16384};
  return out;
}

AccessConfig read_access(ConfigTable& t) {
  AccessConfig c;
  t.text("organisation", c.callers.organisation, true);
  if (!c.callers.organisation.empty() && !access::valid_organisation(c.callers.organisation))
    t.fault_at("organisation", "must be a name: [a-z0-9-]{1,32}");
  read_proxies(t, c.callers.proxies);
  t.number("nameless_per_minute", c.nameless_per_minute, 1, kPerMinuteMax);
  t.number("named_per_minute", c.named_per_minute, 1, kPerMinuteMax);
  t.number("body_mib_per_minute", c.body_mib_per_minute, 16, 900);
  auto certificates = t.tables("certificates");
  if (certificates.size() > access::Callers::kRulesMax)
    t.fault_at("certificates", fmt::format("are {} at most", access::Callers::kRulesMax));
  else
    for (auto& each : certificates) read_certificate(each, c.callers);
  auto issuers = t.tables("issuers");
  if (issuers.size() > access::TokenJudge::kIssuersMax)
    t.fault_at("issuers", fmt::format("are {} at most", access::TokenJudge::kIssuersMax));
  else
    for (auto& each : issuers) read_issuer(each, c.issuers);
  t.finish();
  return c;
}

toml::table access_toml(const AccessConfig& c) {
  toml::table out{{"organisation", c.callers.organisation},
                  {"proxies", texts_toml(c.callers.proxies)},
                  {"nameless_per_minute", c.nameless_per_minute},
                  {"named_per_minute", c.named_per_minute},
                  {"body_mib_per_minute", c.body_mib_per_minute}};
  toml::array certificates;
  for (const auto& rule : c.callers.certificates) {
    toml::table each{{"organisation", rule.organisation}, {"roles", roles_toml(rule.roles)}};
    if (rule.fingerprint) each.insert("fingerprint", to_hex(*rule.fingerprint));
    else each.insert("common_name", rule.common_name);
    certificates.push_back(std::move(each));
  }
  if (!certificates.empty()) out.insert("certificates", std::move(certificates));
  toml::array issuers;
  for (const auto& source : c.issuers) issuers.push_back(issuer_toml(source));
  if (!issuers.empty()) out.insert("issuers", std::move(issuers));
  return out;
}

}  // namespace lotmark::api
