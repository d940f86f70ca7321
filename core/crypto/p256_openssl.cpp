#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"

namespace lotmark {

namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

constexpr std::uint8_t kSpkiPrefix[26] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                          0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

Ptr<EVP_PKEY> make_key(const PublicKey& pub, const BIGNUM* priv) {
  Ptr<OSSL_PARAM_BLD> bld(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(bld.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(bld.get(), OSSL_PKEY_PARAM_PUB_KEY, pub.data(),
                                   PublicKey::kSize);
  if (priv != nullptr) OSSL_PARAM_BLD_push_BN(bld.get(), OSSL_PKEY_PARAM_PRIV_KEY, priv);
  Ptr<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(bld.get()));
  Ptr<EVP_PKEY_CTX> ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(ctx.get()) <= 0 ||
      EVP_PKEY_fromdata(ctx.get(), &key, priv != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        params.get()) <= 0) {
    return nullptr;
  }
  return Ptr<EVP_PKEY>(key);
}

// One unsigned 32-byte big-endian number as a DER INTEGER; returns its size. `out` holds 35 bytes.
std::size_t der_integer(const std::uint8_t* n, std::uint8_t* out) {
  std::size_t skip = 0;
  while (skip < 31 && n[skip] == 0) ++skip;
  const bool pad = (n[skip] & 0x80) != 0;
  const std::size_t size = 32 - skip + (pad ? 1 : 0);
  out[0] = 0x02;
  out[1] = static_cast<std::uint8_t>(size);
  if (pad) out[2] = 0;
  std::memcpy(out + 2 + (pad ? 1 : 0), n + skip, 32 - skip);
  return 2 + size;
}

class OpensslSigner final : public Signer {
 public:
  OpensslSigner(Ptr<EVP_PKEY> key, const PublicKey& pub)
      : key_(std::move(key)), pub_(pub), kid_(key_id(pub)) {}
  const PublicKey& public_key() const override { return pub_; }
  const KeyId& kid() const override { return kid_; }

  Result<Signature> sign(const Digest& digest) const override {
    Ptr<EVP_PKEY_CTX> ctx(EVP_PKEY_CTX_new(key_.get(), nullptr));
    std::uint8_t der[80];
    std::size_t size = sizeof der;
    if (!ctx || EVP_PKEY_sign_init(ctx.get()) <= 0 ||
        EVP_PKEY_sign(ctx.get(), der, &size, digest.data(), Digest::kSize) <= 0) {
      return fail(Errc::kCrypto, "OpenSSL did not sign");
    }
    const std::uint8_t* p = der;
    Ptr<ECDSA_SIG> sig(d2i_ECDSA_SIG(nullptr, &p, static_cast<long>(size)));
    Signature out;
    if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), out.data(), 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), out.data() + 32, 32) != 32) {
      return fail(Errc::kCrypto, "OpenSSL gave an unreadable signature");
    }
    return out;
  }

 private:
  Ptr<EVP_PKEY> key_;
  PublicKey pub_;
  KeyId kid_;
};

int hash_parts(void* /*ctx*/, const lm_span* parts, size_t count, uint8_t out[32]) {
  Sha256 h;
  for (size_t i = 0; i < count; ++i) h.update({parts[i].data, parts[i].size});
  const Digest d = h.finish();
  std::memcpy(out, d.data(), Digest::kSize);
  return 0;
}

int sign_with(void* ctx, const uint8_t digest[32], uint8_t out[64]) {
  if (ctx == nullptr) return 1;
  auto d = Digest::from({digest, 32});
  auto s = static_cast<const Signer*>(ctx)->sign(*d);
  if (!s) return 1;
  std::memcpy(out, s->data(), Signature::kSize);
  return 0;
}

}  // namespace

Bytes to_spki(const PublicKey& key) {
  Bytes der(sizeof kSpkiPrefix + key.bytes.size());
  std::copy(key.bytes.begin(), key.bytes.end(), std::ranges::copy(kSpkiPrefix, der.begin()).out);
  return der;
}

KeyId key_id(const PublicKey& key) {
  const Digest d = sha256({ByteView{kSpkiPrefix}, key.view()});
  return *KeyId::from(d.view().first(KeyId::kSize));
}

struct Verifier::Impl {
  Ptr<EVP_PKEY> key;
  Ptr<EVP_PKEY_CTX> ctx;
};

Verifier::Verifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Verifier::Verifier(Verifier&&) noexcept = default;
Verifier& Verifier::operator=(Verifier&&) noexcept = default;
Verifier::~Verifier() = default;

Result<Verifier> Verifier::from(const PublicKey& key) {
  if (key.bytes[0] != 4) return Errc::kKeyBad;
  auto impl = std::make_unique<Impl>();
  impl->key = make_key(key, nullptr);
  if (!impl->key) return fail(Errc::kKeyBad, "not a point of P-256");
  impl->ctx.reset(EVP_PKEY_CTX_new(impl->key.get(), nullptr));
  if (!impl->ctx || EVP_PKEY_verify_init(impl->ctx.get()) <= 0) return Errc::kCrypto;
  return Verifier(std::move(impl));
}

bool Verifier::verify(const Digest& digest, const Signature& signature) const {
  std::uint8_t der[2 + 35 + 35];
  std::size_t n = der_integer(signature.data(), der + 2);
  n += der_integer(signature.data() + 32, der + 2 + n);
  der[0] = 0x30;
  der[1] = static_cast<std::uint8_t>(n);
  return EVP_PKEY_verify(impl_->ctx.get(), der, n + 2, digest.data(), Digest::kSize) == 1;
}

bool verify_once(const PublicKey& key, const Digest& digest, const Signature& signature) {
  // To make a key ready costs a quarter of what a verification does. The front was used last.
  constexpr std::size_t kMost = 32;
  thread_local std::vector<std::pair<PublicKey, Verifier>> ready;
  auto at = std::ranges::find(ready, key, &std::pair<PublicKey, Verifier>::first);
  if (at == ready.end()) {
    auto made = Verifier::from(key);
    if (!made) return false;
    if (ready.size() == kMost) ready.pop_back();
    at = ready.emplace(ready.end(), key, std::move(*made));
  }
  std::rotate(ready.begin(), at, std::next(at));
  return ready.front().second.verify(digest, signature);
}

lm_crypto embedded_crypto(const Signer& signer) {
  return {const_cast<Signer*>(&signer), hash_parts, sign_with};
}
lm_crypto embedded_hash() { return {nullptr, hash_parts, sign_with}; }

Result<std::unique_ptr<Signer>> signer_openssl(ByteView scalar) {
  if (scalar.size() != 32) return fail(Errc::kKeyBad, "a P-256 scalar has 32 bytes");
  Ptr<BIGNUM> d(BN_bin2bn(scalar.data(), 32, nullptr));
  Ptr<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  if (!d || !group || BN_is_zero(d.get()) ||
      BN_cmp(d.get(), EC_GROUP_get0_order(group.get())) >= 0) {
    return fail(Errc::kKeyBad, "scalar out of range");
  }
  Ptr<EC_POINT> point(EC_POINT_new(group.get()));
  PublicKey pub;
  if (!point || EC_POINT_mul(group.get(), point.get(), d.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, pub.data(),
                         PublicKey::kSize, nullptr) != PublicKey::kSize) {
    return Errc::kCrypto;
  }
  auto key = make_key(pub, d.get());
  if (!key) return Errc::kCrypto;
  return std::unique_ptr<Signer>(std::make_unique<OpensslSigner>(std::move(key), pub));
}

}  // namespace lotmark
