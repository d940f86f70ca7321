// Public keys that tokens are signed with: a JSON Web Key Set (RFC 7517), from a file or as it was fetched.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::api::access {

// RFC 7518 section 3.1: ECDSA on P-256, and RSASSA-PKCS1-v1_5, both with SHA-256. No other is verified here.
enum class TokenAlg : std::uint8_t { kEs256, kRs256 };
std::string_view name(TokenAlg alg);  // "ES256"
std::optional<TokenAlg> token_alg_named(std::string_view name);

// What a key may be used for is the key's own: a token's header is compared with it and decides nothing.
struct TokenKey {
  std::string kid;
  TokenAlg alg = TokenAlg::kEs256;
  std::string pem;  // SubjectPublicKeyInfo
};

class KeySet {
 public:
  static constexpr std::size_t kBytesMax = 256 * 1024;
  static constexpr std::size_t kKeysMax = 64;
  static constexpr int kRsaBitsMin = 2048;
  static constexpr int kRsaBitsMax = 4096;  // longer ones cost whoever verifies too much

  KeySet() = default;
  // Keys for other purposes and of other kinds are passed over (RFC 7517 section 5), as are those without kid, by which
  // tokens choose; skipped() says why. config: no key set, above a limit, a kid twice, no usable key, a point that is
  // not on the curve, an RSA key that is too short or no key, and a private or shared key, which must not stand there.
  static Result<KeySet> read(ByteView json);

  const TokenKey* find(std::string_view kid) const;
  const std::vector<TokenKey>& keys() const { return keys_; }
  // One sentence for each key that was passed over, for the log.
  const std::vector<std::string>& skipped() const { return skipped_; }

 private:
  std::vector<TokenKey> keys_;
  std::vector<std::string> skipped_;
};

// The kid that our own keys go by: their KeyId in hex.
std::string token_kid(const PublicKey& key);
// A set of P-256 keys, as KeySet::read takes it: 1 to kKeysMax of them.
std::string key_set_json(std::span<const PublicKey> keys);

}  // namespace lotmark::api::access
