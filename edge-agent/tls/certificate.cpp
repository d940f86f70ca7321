#include "edge-agent/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <fstream>
#include <memory>

#include "core/crypto/p256.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kPemMax = 64 * 1024;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Deleter<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Deleter<X509_REQ_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

Error openssl_error(Errc code, const char* what) {
  char reason[256] = "no reason given";
  if (const unsigned long e = ERR_get_error(); e != 0) ERR_error_string_n(e, reason, sizeof reason);
  ERR_clear_error();
  return fail(code, std::string(what) + ": " + reason);
}

// RFC 5915's ECPrivateKey around the scalar, as OpenSSL reads it.
KeyPtr to_evp(const Scalar& key) {
  static constexpr std::uint8_t kHead[] = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20};
  static constexpr std::uint8_t kTail[] = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                           0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  std::uint8_t der[sizeof kHead + 32 + sizeof kTail];
  std::copy(std::begin(kHead), std::end(kHead), der);
  std::copy_n(key.view().data(), 32, der + sizeof kHead);
  std::copy(std::begin(kTail), std::end(kTail), der + sizeof kHead + 32);
  const unsigned char* at = der;
  KeyPtr out(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, sizeof der));
  OPENSSL_cleanse(der, sizeof der);
  return out;
}

Result<Time> to_time(const ASN1_TIME* t) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(t, &parts) != 1) return fail(Errc::kKeyBad, "a time of the certificate");
  return Time(Millis(static_cast<std::int64_t>(::timegm(&parts)) * 1000));
}

Bytes spki_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return {};
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

// Asked for a password it has none: an agent starts without anybody beside it.
int no_password(char*, int, int, void*) { return 0; }

}  // namespace

Result<Certificate> read_certificate(std::string_view pem) {
  if (pem.size() > kPemMax) return fail(Errc::kKeyBad, "a certificate above 64 KiB");
  const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertPtr cert(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!cert) return openssl_error(Errc::kKeyBad, "no certificate");
  Certificate out;
  char name[256];
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName,
                                             name, sizeof name);
  if (size > 0) out.common_name.assign(name, static_cast<std::size_t>(size));
  LM_ASSIGN(out.from, to_time(X509_get0_notBefore(cert.get())));
  LM_ASSIGN(out.to, to_time(X509_get0_notAfter(cert.get())));
  EVP_PKEY* key = X509_get0_pubkey(cert.get());
  if (key == nullptr) return openssl_error(Errc::kKeyBad, "the certificate's key");
  out.key = spki_of(key);
  return out;
}

Result<Certificate> read_certificate_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::kIo, file.string() + ": cannot be read");
  std::string text(kPemMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto read = read_certificate(text);
  if (!read) return fail(read.code(), file.string() + ": " + read.error().text);
  return read;
}

Status check_key_pair(const std::filesystem::path& cert_file,
                      const std::filesystem::path& key_file) {
  LM_ASSIGN(const auto certificate, read_certificate_file(cert_file));
  const BioPtr in(BIO_new_file(key_file.c_str(), "re"));
  if (!in) return openssl_error(Errc::kIo, key_file.c_str());
  const KeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  if (!key) return openssl_error(Errc::kKeyBad, key_file.c_str());
  if (certificate.key == spki_of(key.get())) return {};
  return fail(Errc::kKeyBad, key_file.string() + ": not the key of " + cert_file.string());
}

Result<std::string> make_request(const Scalar& key, const std::string& common_name) {
  const KeyPtr evp = to_evp(key);
  const RequestPtr request(X509_REQ_new());
  const BioPtr out(BIO_new(BIO_s_mem()));
  const bool good =
      evp && request && out && X509_REQ_set_pubkey(request.get(), evp.get()) == 1 &&
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_REQ_sign(request.get(), evp.get(), EVP_sha256()) > 0 &&
      PEM_write_bio_X509_REQ(out.get(), request.get()) == 1;
  if (!good) return openssl_error(Errc::kCrypto, "certificate request");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Status check_certificate(const Certificate& certificate, const Scalar& key, Time now) {
  const KeyPtr evp = to_evp(key);
  if (!evp) return openssl_error(Errc::kKeyBad, "the key");
  if (certificate.key != spki_of(evp.get()))
    return fail(Errc::kKeyBad, "the certificate is another key's");
  if (certificate.to <= now)
    return fail(Errc::kKeyBad, "the certificate ended " + to_iso(certificate.to));
  return {};
}

}  // namespace lotmark::agent
