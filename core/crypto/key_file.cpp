#include "core/crypto/key_file.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "core/base/private_file.h"
#include "core/base/whole_file.h"
#include "core/crypto/p256.h"

namespace lotmark {

namespace {
struct FreeKeyParts {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
template <class T>
using KeyPart = std::unique_ptr<T, FreeKeyParts>;

bool scalar_of(EVP_PKEY* key, std::uint8_t* out) {
  BIGNUM* d = nullptr;
  char group[64] = {};
  std::size_t n = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &n) !=
          1 ||
      std::string_view(group, n) != "prime256v1" ||
      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) != 1) {
    return false;
  }
  KeyPart<BIGNUM> owned(d);
  return BN_bn2binpad(d, out, 32) == 32;
}

// SEC1 ECPrivateKey with the public key, in PEM: what every tool reads.
Bytes to_pem(const Scalar& key, const PublicKey& pub) {
  static constexpr std::uint8_t kHead[] = {0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20};
  static constexpr std::uint8_t kMiddle[] = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                             0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00};
  Bytes der(kHead, kHead + sizeof kHead);
  der.insert(der.end(), key.view().begin(), key.view().end());
  der.insert(der.end(), kMiddle, kMiddle + sizeof kMiddle);
  der.insert(der.end(), pub.bytes.begin(), pub.bytes.end());
  KeyPart<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), "EC PRIVATE KEY", "", der.data(), static_cast<long>(der.size()));
  OPENSSL_cleanse(der.data(), der.size());
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return to_bytes(as_bytes({text, static_cast<std::size_t>(size)}));
}
}  // namespace

void Scalar::wipe() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Scalar& Scalar::operator=(Scalar&& o) noexcept {
  if (this != &o) {
    bytes_ = o.bytes_;
    o.wipe();
  }
  return *this;
}

Scalar new_scalar() {
  KeyPart<EVP_PKEY> key(EVP_EC_gen("P-256"));
  Scalar s;
  LM_ASSERT(key && scalar_of(key.get(), s.data()));
  return s;
}

Status write_key_file(const std::filesystem::path& file, const Scalar& key) {
  LM_ASSIGN(auto signer, signer_openssl(key.view()));
  Bytes pem = to_pem(key, signer->public_key());
  const Status written = write_new(file, pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  return written;
}

Result<Scalar> read_key_file(const std::filesystem::path& file) {
  LM_TRY(check_private_file(file));
  KeyPart<BIO> bio(BIO_new_file(file.c_str(), "r"));
  KeyPart<EVP_PKEY> key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)
                            : nullptr);
  Scalar s;
  if (!key || !scalar_of(key.get(), s.data())) {
    if (holds_public_key(file)) return public_half(file);
    return fail(Errc::kKeyBad, file.string() + " holds no P-256 private key");
  }
  return s;
}

}  // namespace lotmark
