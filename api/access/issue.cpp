#include "api/access/issue.h"

#include <nlohmann/json.hpp>

#include "api/access/base64url.h"
#include "api/access/jwt.h"
#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/crypto/sha256.h"

namespace lotmark::api::access {

namespace {

constexpr AccessRole kGivenRoles[] = {AccessRole::kCapture, AccessRole::kReader,
                                      AccessRole::kPartner, AccessRole::kRegulator,
                                      AccessRole::kAgency,  AccessRole::kAdmin};

std::string scope_text(RoleSet roles) {
  std::string out;
  for (const AccessRole role : kGivenRoles) {
    if (!roles.has(role)) continue;
    if (!out.empty()) out += ' ';
    out += scope_of(role);
  }
  return out;
}

// Text that is no UTF-8 does not survive; check_issued sees that it is another one then.
std::string encoded(const nlohmann::json& object) {
  const auto text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return base64url(as_bytes(text));
}

// What was issued is judged as the API will do it.
Status check_issued(const std::string& token, const TokenOrder& order, const PublicKey& key) {
  TokenIssuer rules;
  rules.issuer = order.issuer;
  rules.audience = order.audience;
  const std::string set = key_set_json({&key, 1});
  LM_ASSIGN(auto judge, TokenJudge::make({rules}));
  LM_ASSIGN(auto keys, KeySet::read(as_bytes(set)));
  LM_TRY(judge.set_keys(order.issuer, std::move(keys)));
  LM_ASSIGN(const auto claims, judge.judge(token, order.issued));
  if (claims.subject != order.subject) return fail(Errc::kUsage, "the subject is no UTF-8");
  return {};
}

}  // namespace

Result<std::string> issue_token(const TokenOrder& o, const Signer& signer) {
  if (scope_text(o.roles).empty()) return fail(Errc::kUsage, "the token has no role");
  if (o.expires <= o.issued) return fail(Errc::kUsage, "the token expires before it is issued");
  const nlohmann::json header = {
      {"alg", "ES256"}, {"typ", "at+jwt"}, {"kid", token_kid(signer.public_key())}};
  const nlohmann::json payload = {{"iss", o.issuer},
                                  {"aud", o.audience},
                                  {"sub", o.subject},
                                  {"client_id", o.subject},
                                  {"org", o.organisation},
                                  {"scope", scope_text(o.roles)},
                                  {"iat", to_ms(o.issued) / 1000},
                                  {"exp", to_ms(o.expires) / 1000},
                                  {"jti", to_hex(random_fixed<Nonce>())}};
  std::string token = encoded(header) + "." + encoded(payload);
  LM_ASSIGN(const Signature signature, signer.sign(sha256(as_bytes(token))));
  token += "." + base64url(signature.view());
  if (const auto taken = check_issued(token, o, signer.public_key()); !taken)
    return fail(Errc::kUsage, taken.error().text);
  return token;
}

}  // namespace lotmark::api::access
