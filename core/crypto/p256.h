// ES256 (RFC 7518 section 3.4; FIPS 186-4) behind one small interface.
//
// Servers verify with OpenSSL; the edge signs with mbedTLS, deterministically (RFC 6979), so that a device
// needs no generator at signing (docs/adr/0001). Keys are P-256 only.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/embedded/cose.h"

namespace lotmark {

// First 16 bytes of SHA-256 over the 91-byte SubjectPublicKeyInfo around the point.
KeyId key_id(const PublicKey& key);
// That SubjectPublicKeyInfo, DER.
Bytes to_spki(const PublicKey& key);

// A public key made ready to verify many signatures. One thread at a time.
class Verifier {
 public:
  // key-bad if the bytes are no point of the curve.
  static Result<Verifier> from(const PublicKey& key);
  Verifier(Verifier&&) noexcept;
  Verifier& operator=(Verifier&&) noexcept;
  ~Verifier();

  // True if `signature` (r || s) is the key's over the ready digest. Both s and n - s pass.
  bool verify(const Digest& digest, const Signature& signature) const;

 private:
  struct Impl;
  explicit Verifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// For whoever keeps no Verifier of the key. A thread remembers the keys it met last.
bool verify_once(const PublicKey& key, const Digest& digest, const Signature& signature);

// A private key, wherever it lives. Safe to share between threads.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  virtual const KeyId& kid() const = 0;
  virtual Result<Signature> sign(const Digest& digest) const = 0;
};

// The callbacks core/embedded's writer wants, over a Signer. `signer` must outlive what is returned.
lm_crypto embedded_crypto(const Signer& signer);
// Hashing only; signing through it fails.
lm_crypto embedded_hash();

// 32-byte scalar to a Signer. OpenSSL's nonce is random; mbedTLS's is RFC 6979's.
Result<std::unique_ptr<Signer>> signer_openssl(ByteView scalar);
Result<std::unique_ptr<Signer>> signer_mbedtls(ByteView scalar);  // link lotmark::crypto_edge

}  // namespace lotmark
