// The low-level functions, deprecated in OpenSSL 3 but without its allocation a call: a tree of 64 small
// leaves costs a fifth of what it costs by EVP_Digest. SHA256() itself is EVP underneath, so it is avoided.
#define OPENSSL_API_COMPAT 0x10100000L
#include "core/crypto/sha256.h"

#include <openssl/sha.h>

namespace lotmark {

static_assert(sizeof(SHA256_CTX) <= 128);

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kTail = 9;  // of the padding: 0x80 and the length in bits

// What fits two blocks with its padding: leaves and nodes of trees, all of them.
Digest sha256_short(ByteView data) {
  std::uint8_t in[2 * kBlock];
  const std::size_t size = data.size() + kTail <= kBlock ? kBlock : 2 * kBlock;
  if (!data.empty()) std::memcpy(in, data.data(), data.size());
  in[data.size()] = 0x80;
  std::memset(in + data.size() + 1, 0, size - data.size() - 3);
  in[size - 2] = static_cast<std::uint8_t>(data.size() >> 5);
  in[size - 1] = static_cast<std::uint8_t>(data.size() << 3);
  SHA256_CTX ctx;
  SHA256_Init(&ctx);
  SHA256_Transform(&ctx, in);
  if (size != kBlock) SHA256_Transform(&ctx, in + kBlock);
  Digest d;
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      d.bytes[4 * i + k] = static_cast<std::uint8_t>(ctx.h[i] >> (24 - 8 * k));
    }
  }
  return d;
}

}  // namespace

Digest sha256(ByteView data) {
  if (data.size() + kTail <= 2 * kBlock) return sha256_short(data);
  SHA256_CTX ctx;
  SHA256_Init(&ctx);
  SHA256_Update(&ctx, data.data(), data.size());
  Digest d;
  SHA256_Final(d.data(), &ctx);
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
