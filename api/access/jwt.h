// Bearer tokens: JSON Web Tokens (RFC 7519) as access tokens (RFC 9068), judged by RFC 8725. libcpp-jwt checks
// signatures; what stands in a token is read here, strictly, and time is handed in.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/jwks.h"
#include "api/access/roles.h"
#include "core/base/clock.h"

namespace lotmark::api::access {

// A name as topics, certificates and tokens have it: [a-z0-9-]{1,32}.
bool valid_organisation(std::string_view name);

// Whose tokens are taken, and what they may say. Plain values, as the configuration has them.
struct TokenIssuer {
  std::string issuer;                      // `iss`, exactly
  std::string audience;                    // `aud` is this, or a list that has it
  std::string roles_claim = "scope";       // words joined by blanks, or a list of words: scope_of()
  std::string organisation_claim = "org";  // [a-z0-9-]{1,32}
  // It may speak for these alone; empty: for any. If it is one, a token need not name it.
  std::vector<std::string> organisations{};
  RoleSet roles_max = RoleSet::all();  // what else its tokens say is passed over
  std::vector<TokenAlg> algorithms = {TokenAlg::kEs256, TokenAlg::kRs256};
};

// What a token that holds says.
struct TokenClaims {
  std::string issuer;
  std::string subject;  // printable, 1 to 256 bytes
  std::string organisation;
  RoleSet roles;  // empty: known, and may do nothing
  Time expires;
  // Good only with this client certificate (RFC 8705 section 3.1).
  std::optional<Digest> certificate;
};

// Safe to share between threads.
class TokenJudge {
 public:
  static constexpr std::size_t kTokenMax = 8 * 1024;
  static constexpr std::size_t kIssuersMax = 16;
  static constexpr Millis kLeeway{60'000};  // clocks may differ by so much

  TokenJudge() = default;  // takes no token
  // config: an issuer or audience missing, an issuer twice, no algorithm, too many.
  static Result<TokenJudge> make(std::vector<TokenIssuer> issuers);

  // In place of the issuer's keys so far, such as when its URL was asked anew. not-found if there is no such issuer.
  Status set_keys(std::string_view issuer, KeySet keys);

  // `token` as it stands behind "Bearer ". denied with a sentence that may be told to the caller; too-large above
  // kTokenMax; key-unknown if the issuer's keys have not that kid: asking for them anew may help (not for each call).
  // Order: form, issuer, key, signature, then everything else, so that a forged token learns nothing of the rules.
  Result<TokenClaims> judge(std::string_view token, Time now) const;

 private:
  struct Source {
    TokenIssuer rules;
    std::shared_ptr<const KeySet> keys;
  };
  struct State {
    mutable std::mutex mutex;
    std::vector<Source> sources;
  };
  std::unique_ptr<State> state_ = std::make_unique<State>();
};

}  // namespace lotmark::api::access
