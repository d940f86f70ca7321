// Inside core/sealed: A256GCM, HKDF-SHA-256 and A256KW, OpenSSL behind them.
#pragma once

#include "core/sealed/keys.h"

namespace lotmark::sealed {

inline constexpr std::size_t kIvSize = 12;
inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kWrappedSize = ContentKey::kSize + 8;

// Ciphertext with the tag behind it (SP 800-38D).
Bytes gcm_encrypt(const ContentKey& key, ByteView iv, ByteView aad, ByteView plain);
// seal if the tag does not hold: then nothing of the text is given.
Result<Bytes> gcm_decrypt(const ContentKey& key, ByteView iv, ByteView aad, ByteView ciphertext);

// HKDF-SHA-256 (RFC 5869) without salt, to 32 bytes.
Scalar hkdf(const Scalar& secret, ByteView info);

// RFC 3394 with its default initial value.
Bytes key_wrap(const Scalar& kek, const ContentKey& key);
Result<ContentKey> key_unwrap(const Scalar& kek, ByteView wrapped);

// Over bytes that hold a secret and are let go of.
void wipe(Bytes& bytes);
// In a time that does not tell where they differ.
bool equal_secret(ByteView a, ByteView b);

}  // namespace lotmark::sealed
