#include "ledger-node/peer/token.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/crypto/sha256.h"

namespace lotmark::node {

namespace {
constexpr std::string_view kScheme = "Lotmark ";
constexpr std::uint64_t kLifeMs = 60'000;
}  // namespace

Result<std::string> make_authorization(const Signer& signer, const Digest& chain,
                                       const KeyId& callee, const Call& call, Time now) {
  Token t;
  t.callee = callee;
  t.method = call.method;
  t.path = call.path;
  t.body = sha256(call.body);
  t.time = static_cast<std::uint64_t>(to_ms(now));
  t.nonce = random_fixed<Nonce>();
  if (t.path.size() > 256) return fail(Errc::kTokenMismatch, "a path of more than 256 bytes");
  LM_ASSIGN(auto sealed, seal(t, signer, chain));
  return std::string(kScheme) + to_hex(sealed.bytes);
}

Result<Signed<Token>> TokenGate::read(const Call& call) const {
  std::string_view text = call.authorization;
  if (!text.starts_with(kScheme) || text.size() > 4096) {
    return fail(Errc::kDenied, "a token is needed: Authorization: Lotmark HEX");
  }
  auto bytes = from_hex(text.substr(kScheme.size()));
  if (!bytes) return fail(Errc::kTokenMismatch, "the token is no hex");
  return open<Token>(*bytes, chain_);
}

Status TokenGate::admit(const Signed<Token>& token, const Call& call, const PublicKey& key,
                        Time now) {
  const Token& t = token.body;
  if (t.callee != self_) return fail(Errc::kTokenMismatch, "the token is for another node");
  if (t.method != call.method || t.path != call.path || t.body != sha256(call.body)) {
    return fail(Errc::kTokenMismatch, "the token is for another request");
  }
  if (!token.verified_by(key)) return Errc::kCoseSignature;
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  if (t.time + kLifeMs < ms || t.time > ms + kLifeMs) {
    return fail(Errc::kTokenExpired, "the token's time is more than 60 s from this node's clock");
  }
  if (ms + kLifeMs < since_ms_) since_ms_ = ms;  // the clock was set back since the start
  if (t.time < since_ms_) {
    return fail(Errc::kTokenExpired, "the token was signed before this node started: sign another");
  }
  swept_ms_ = std::min(swept_ms_, ms);
  if (ms > swept_ms_ + kLifeMs) {
    std::erase_if(spent_, [&](const auto& s) { return s.second < ms; });
    swept_ms_ = ms;
  }
  if (!spent_.emplace(std::pair{token.kid, t.nonce}, t.time + kLifeMs).second) {
    return fail(Errc::kTokenReplayed, "the token was used before");
  }
  return {};
}

}  // namespace lotmark::node
