// The low-level functions, deprecated in OpenSSL 3 but without its allocation a call: a tree of 64 small
// leaves costs a fifth of what it costs by EVP_Digest.
#define OPENSSL_API_COMPAT 0x10100000L
#include "core/crypto/sha256.h"

#include <openssl/sha.h>

namespace lotmark {

static_assert(sizeof(SHA256_CTX) <= 128);

Digest sha256(ByteView data) {
  Digest d;
  SHA256(data.data(), data.size(), d.data());
  return d;
}

Digest sha256(std::initializer_list<ByteView> parts) {
  SHA256_CTX ctx;
  SHA256_Init(&ctx);
  for (auto p : parts) SHA256_Update(&ctx, p.data(), p.size());
  Digest d;
  SHA256_Final(d.data(), &ctx);
  return d;
}

static SHA256_CTX* ctx_of(std::array<std::uint8_t, 128>& state) {
  return reinterpret_cast<SHA256_CTX*>(state.data());
}

Sha256::Sha256() { SHA256_Init(ctx_of(state_)); }

void Sha256::update(ByteView data) { SHA256_Update(ctx_of(state_), data.data(), data.size()); }

Digest Sha256::finish() {
  Digest d;
  SHA256_Final(d.data(), ctx_of(state_));
  SHA256_Init(ctx_of(state_));
  return d;
}

}  // namespace lotmark
