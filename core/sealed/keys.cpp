#include "core/sealed/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "core/base/random.h"
#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"

namespace lotmark::sealed {

namespace {

constexpr std::string_view kCheckPrefix = "lotmark/sealed/1";

struct FreeAgreement {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
};
template <class T>
using AgreementPtr = std::unique_ptr<T, FreeAgreement>;

// A P-256 key of OpenSSL's; null if the point is not on the curve. `secret` null: the public part alone.
AgreementPtr<EVP_PKEY> agreement_key(const PublicKey& point, const BIGNUM* secret) {
  AgreementPtr<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   PublicKey::kSize);
  if (secret != nullptr) OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret);
  AgreementPtr<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(build.get()));
  AgreementPtr<EVP_PKEY_CTX> ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  const int kind = secret != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata_init(ctx.get()) <= 0 ||
      EVP_PKEY_fromdata(ctx.get(), &key, kind, params.get()) <= 0) {
    return nullptr;
  }
  return AgreementPtr<EVP_PKEY>(key);
}

}  // namespace

void ContentKey::wipe() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

ContentKey& ContentKey::operator=(ContentKey&& o) noexcept {
  if (this != &o) {
    bytes_ = o.bytes_;
    o.wipe();
  }
  return *this;
}

ContentKey ContentKey::random() {
  ContentKey key;
  fill_random(key.bytes_.data(), kSize);
  return key;
}

std::optional<ContentKey> ContentKey::from(ByteView bytes) {
  if (bytes.size() != kSize) return std::nullopt;
  ContentKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  return key;
}

Digest key_check(const ContentKey& key) { return sha256({as_bytes(kCheckPrefix), key.view()}); }

Result<ReaderKey> ReaderKey::from(const PublicKey& point) {
  LM_TRY(Verifier::from(point));
  return ReaderKey{point, key_id(point)};
}

struct OpeningKey::Impl {
  AgreementPtr<EVP_PKEY> key;
};

OpeningKey::OpeningKey(std::unique_ptr<Impl> impl, ReaderKey reader)
    : impl_(std::move(impl)), reader_(reader) {}
OpeningKey::OpeningKey(OpeningKey&&) noexcept = default;
OpeningKey& OpeningKey::operator=(OpeningKey&&) noexcept = default;
OpeningKey::~OpeningKey() = default;

Result<OpeningKey> OpeningKey::from(const Scalar& scalar) {
  LM_ASSIGN(const auto signer, signer_openssl(scalar.view()));  // range, and the point of it
  AgreementPtr<BIGNUM> number(BN_secure_new());
  LM_ASSERT(number && BN_bin2bn(scalar.view().data(), 32, number.get()) != nullptr);
  auto key = agreement_key(signer->public_key(), number.get());
  if (!key) return fail(Errc::kKeyBad, "no P-256 private key");
  return OpeningKey(std::make_unique<Impl>(Impl{std::move(key)}),
                    ReaderKey{signer->public_key(), signer->kid()});
}

Result<Scalar> OpeningKey::agree(const PublicKey& other) const {
  const auto peer = agreement_key(other, nullptr);
  if (!peer) return fail(Errc::kKeyBad, "no point of P-256");
  AgreementPtr<EVP_PKEY_CTX> ctx(EVP_PKEY_CTX_new(impl_->key.get(), nullptr));
  Scalar secret;
  std::size_t size = secret.view().size();
  if (!ctx || EVP_PKEY_derive_init(ctx.get()) <= 0 ||
      EVP_PKEY_derive_set_peer(ctx.get(), peer.get()) <= 0 ||
      EVP_PKEY_derive(ctx.get(), secret.data(), &size) <= 0 || size != secret.view().size()) {
    return fail(Errc::kCrypto, "OpenSSL did not agree on a key");
  }
  return secret;
}

}  // namespace lotmark::sealed
