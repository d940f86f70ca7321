#include "core/sealed/ciphers.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace lotmark::sealed {

namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
  void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
};
template <class T>
using CipherPtr = std::unique_ptr<T, FreeCipher>;

CipherPtr<EVP_CIPHER_CTX> cipher_context() {
  CipherPtr<EVP_CIPHER_CTX> ctx(EVP_CIPHER_CTX_new());
  LM_ASSERT(ctx);
  return ctx;
}

int int_size(ByteView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

Bytes gcm_encrypt(const ContentKey& key, ByteView iv, ByteView aad, ByteView plain) {
  LM_ASSERT(iv.size() == kIvSize);
  auto ctx = cipher_context();
  Bytes out(plain.size() + kTagSize);
  int n = 0;
  LM_ASSERT(EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, key.view().data(),
                               iv.data()) == 1 &&
            EVP_EncryptUpdate(ctx.get(), nullptr, &n, aad.data(), int_size(aad)) == 1 &&
            EVP_EncryptUpdate(ctx.get(), out.data(), &n, plain.data(), int_size(plain)) == 1 &&
            EVP_EncryptFinal_ex(ctx.get(), out.data() + n, &n) == 1 &&
            EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                                out.data() + plain.size()) == 1);
  return out;
}

Result<Bytes> gcm_decrypt(const ContentKey& key, ByteView iv, ByteView aad, ByteView ciphertext) {
  if (iv.size() != kIvSize || ciphertext.size() < kTagSize) {
    return fail(Errc::kSeal, "iv or ciphertext is too short");
  }
  const ByteView text = ciphertext.first(ciphertext.size() - kTagSize);
  Bytes tag = to_bytes(ciphertext.last(kTagSize));
  auto ctx = cipher_context();
  Bytes out(text.size());
  std::uint8_t none = 0;
  int n = 0;
  if (EVP_DecryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), iv.data()) ==
          1 &&
      EVP_DecryptUpdate(ctx.get(), nullptr, &n, aad.data(), int_size(aad)) == 1 &&
      EVP_DecryptUpdate(ctx.get(), out.data(), &n, text.data(), int_size(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(ctx.get(), &none, &n) == 1) {
    return out;
  }
  wipe(out);
  return fail(Errc::kSeal, "the ciphertext does not hold under this key and place");
}

Scalar hkdf(const Scalar& secret, ByteView info) {
  CipherPtr<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  CipherPtr<EVP_KDF_CTX> ctx(EVP_KDF_CTX_new(kdf.get()));
  Scalar out;
  // OpenSSL's parameters take pointers that are not const, and read them only.
  const auto octets = [](const char* name, ByteView v) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(v.data()), v.size());
  };
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, secret.view()),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  LM_ASSERT(ctx && EVP_KDF_derive(ctx.get(), out.data(), out.view().size(), params) == 1);
  return out;
}

Bytes key_wrap(const Scalar& kek, const ContentKey& key) {
  auto ctx = cipher_context();
  EVP_CIPHER_CTX_set_flags(ctx.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(kWrappedSize + 8);
  int n = 0;
  int rest = 0;
  LM_ASSERT(
      EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_wrap(), nullptr, kek.view().data(), nullptr) == 1 &&
      EVP_EncryptUpdate(ctx.get(), out.data(), &n, key.view().data(), int_size(key.view())) == 1 &&
      EVP_EncryptFinal_ex(ctx.get(), out.data() + n, &rest) == 1 &&
      static_cast<std::size_t>(n + rest) == kWrappedSize);
  out.resize(kWrappedSize);
  return out;
}

Result<ContentKey> key_unwrap(const Scalar& kek, ByteView wrapped) {
  if (wrapped.size() != kWrappedSize) return fail(Errc::kSeal, "a wrapped key has 40 bytes");
  auto ctx = cipher_context();
  EVP_CIPHER_CTX_set_flags(ctx.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(kWrappedSize + 8);
  int n = 0;
  const bool ok =
      EVP_DecryptInit_ex(ctx.get(), EVP_aes_256_wrap(), nullptr, kek.view().data(), nullptr) == 1 &&
      EVP_DecryptUpdate(ctx.get(), out.data(), &n, wrapped.data(), int_size(wrapped)) == 1 &&
      static_cast<std::size_t>(n) == ContentKey::kSize;
  auto key = ok ? ContentKey::from(ByteView(out).first(ContentKey::kSize)) : std::nullopt;
  wipe(out);
  if (!key) return fail(Errc::kSeal, "the wrapped content key does not hold");
  return *std::move(key);
}

void wipe(Bytes& bytes) {
  if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool equal_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace lotmark::sealed
