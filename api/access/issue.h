// Tokens of our own, for sites without an identity provider (`lotmark token`).
#pragma once

#include "api/access/roles.h"
#include "core/base/clock.h"
#include "core/crypto/p256.h"

namespace lotmark::api::access {

struct TokenOrder {
  std::string issuer;        // as the API's configuration has it
  std::string audience;      // likewise
  std::string subject;       // whom it is for: what the access log calls the caller
  std::string organisation;  // [a-z0-9-]{1,32}
  RoleSet roles;             // one at least
  Time issued;
  Time expires;
};

// An access token (RFC 9068), signed ES256 by a key whose token_kid stands in the API's key set. usage if the API would
// not take it or could do nothing with it; the signer's own errors.
Result<std::string> issue_token(const TokenOrder& order, const Signer& signer);

}  // namespace lotmark::api::access
