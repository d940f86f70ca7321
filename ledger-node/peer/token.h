// Tokens: who asks, signed for exactly one callee, method, path and body (docs/format/public.md).
#pragma once

#include <map>

#include "core/base/clock.h"
#include "core/wire/sign1.h"
#include "ledger-node/peer/call.h"

namespace lotmark::node {

// "Lotmark HEX" for a call.
Result<std::string> make_authorization(const Signer& signer, const Digest& chain,
                                       const KeyId& callee, const Call& call, Time now);

// Checks tokens and remembers their nonces until they are too old to pass, in memory only: a token signed before
// `since`, when this process started, may have been used with the process before and is refused. One thread at
// a time.
class TokenGate {
 public:
  TokenGate(Digest chain, KeyId self, Time since = {})
      : chain_(chain), self_(self), since_ms_(static_cast<std::uint64_t>(to_ms(since))) {}

  // Who the call is from, its signature not yet checked against a key: look the key up, then admit().
  Result<Signed<Token>> read(const Call& call) const;
  // token-mismatch, cose-signature, token-expired, token-replayed; on success the nonce is spent.
  Status admit(const Signed<Token>& token, const Call& call, const PublicKey& key, Time now);

 private:
  Digest chain_;
  KeyId self_;
  std::uint64_t since_ms_;
  std::map<std::pair<KeyId, Nonce>, std::uint64_t> spent_;  // until (ms)
  std::uint64_t swept_ms_ = 0;
};

}  // namespace lotmark::node
