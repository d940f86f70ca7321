#include "cli/ca/certificates.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cli/files.h"
#include "core/base/random.h"
#include "core/crypto/key_file.h"
#include "core/crypto/p256.h"

namespace lotmark::cli {

namespace {

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
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

Error openssl_error(const char* what) {
  char reason[256] = "no reason given";
  if (const unsigned long e = ERR_get_error(); e != 0) ERR_error_string_n(e, reason, sizeof reason);
  ERR_clear_error();
  return fail(Errc::kCrypto, std::string(what) + ": " + reason);
}

BioPtr reader(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

KeyPtr to_evp(const PublicKey& key) {
  const Bytes spki = to_spki(key);
  const unsigned char* at = spki.data();
  return KeyPtr(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
}

bool set_serial(X509* cert) {
  auto bytes = random_fixed<Salt>();
  bytes.bytes[0] =
      static_cast<std::uint8_t>((bytes.bytes[0] & 0x7F) | 0x40);  // positive, full length
  const NumberPtr number(BN_bin2bn(bytes.data(), static_cast<int>(Salt::kSize), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert)) != nullptr;
}

bool set_name(X509* cert, const std::string& common_name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1;
}

// Version, serial, validity, name and key: what a CA's own certificate and a leaf share. Valid from
// an hour ago, for clocks that lag.
CertPtr blank(EVP_PKEY* key, const std::string& common_name, unsigned days) {
  CertPtr cert(X509_new());
  const bool good =
      cert != nullptr && X509_set_version(cert.get(), 2) == 1 && set_serial(cert.get()) &&
      X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(cert.get()), static_cast<int>(days), 0, nullptr) !=
          nullptr &&
      set_name(cert.get(), common_name) && X509_set_pubkey(cert.get(), key) == 1;
  return good ? std::move(cert) : nullptr;
}

std::string alt_names(const std::vector<std::string>& hosts) {
  std::string text;
  for (const auto& h : hosts) {
    unsigned char address[16];
    const bool ip = ::inet_pton(AF_INET, h.c_str(), address) == 1 ||
                    ::inet_pton(AF_INET6, h.c_str(), address) == 1;
    text += (text.empty() ? "" : ",") + std::string(ip ? "IP:" : "DNS:") + h;
  }
  return text;
}

std::string purposes(const TlsSubject& s) {
  if (s.server && s.client) return "serverAuth,clientAuth";
  return s.server ? "serverAuth" : "clientAuth";
}

Result<std::string> to_pem(X509* cert) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (out == nullptr || PEM_write_bio_X509(out.get(), cert) != 1)
    return openssl_error("certificate");
  return drain(out.get());
}

// A host goes into an extension's text, where a comma would begin another entry.
bool plain_host(const std::string& h) {
  return !h.empty() && h.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789.-:") == std::string::npos;
}

}  // namespace

struct TlsAuthority::Impl {
  KeyPtr key;
  CertPtr cert;
};

TlsAuthority::TlsAuthority(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsAuthority::TlsAuthority(TlsAuthority&&) noexcept = default;
TlsAuthority& TlsAuthority::operator=(TlsAuthority&&) noexcept = default;
TlsAuthority::~TlsAuthority() = default;

Result<TlsAuthority> TlsAuthority::make(const std::filesystem::path& dir, const std::string& name) {
  LM_TRY(write_key_file(dir / "ca.key", new_scalar()));
  LM_ASSIGN(const Bytes pem, read_file(dir / "ca.key"));
  auto impl = std::make_unique<Impl>();
  impl->key.reset(PEM_read_bio_PrivateKey(reader(as_text(pem)).get(), nullptr, nullptr, nullptr));
  if (impl->key == nullptr) return openssl_error("CA key");
  impl->cert = blank(impl->key.get(), name, 3653);
  X509* cert = impl->cert.get();
  const bool good = cert != nullptr &&
                    X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
                    add(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add(cert, cert, NID_subject_key_identifier, "hash") &&
                    X509_sign(cert, impl->key.get(), EVP_sha256()) > 0;
  if (!good) return openssl_error("CA certificate");
  LM_ASSIGN(const std::string text, to_pem(cert));
  LM_TRY(write_file(dir / "ca.crt", text));
  return TlsAuthority(std::move(impl));
}

Result<TlsAuthority> TlsAuthority::open(const std::filesystem::path& dir) {
  LM_TRY([&]() -> Status {
    if (auto key = read_key_file(dir / "ca.key"); !key)
      return key.error();  // its mode is checked there
    return {};
  }());
  LM_ASSIGN(const Bytes key, read_file(dir / "ca.key"));
  LM_ASSIGN(const Bytes cert, read_file(dir / "ca.crt"));
  auto impl = std::make_unique<Impl>();
  impl->key.reset(PEM_read_bio_PrivateKey(reader(as_text(key)).get(), nullptr, nullptr, nullptr));
  impl->cert.reset(PEM_read_bio_X509(reader(as_text(cert)).get(), nullptr, nullptr, nullptr));
  if (impl->key == nullptr || impl->cert == nullptr) return openssl_error("CA");
  if (X509_check_private_key(impl->cert.get(), impl->key.get()) != 1) {
    return fail(Errc::kKeyBad, (dir / "ca.key").string() + " is not the key of ca.crt");
  }
  return TlsAuthority(std::move(impl));
}

Result<std::string> TlsAuthority::issue(const PublicKey& key, const TlsSubject& s) const {
  for (const auto& h : s.hosts) {
    if (!plain_host(h)) return fail(Errc::kUsage, "\"" + h + "\" is no host name or address");
  }
  if (s.common_name.empty() || s.common_name.size() > 64) {
    return fail(Errc::kUsage, "a certificate's name has 1 to 64 bytes");
  }
  const KeyPtr subject_key = to_evp(key);
  if (subject_key == nullptr) return openssl_error("public key");
  const CertPtr cert = blank(subject_key.get(), s.common_name, s.days);
  X509* issuer = impl_->cert.get();
  bool good = cert != nullptr &&
              X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer)) == 1 &&
              add(cert.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
              add(cert.get(), issuer, NID_key_usage, "critical,digitalSignature") &&
              add(cert.get(), issuer, NID_ext_key_usage, purposes(s)) &&
              add(cert.get(), issuer, NID_subject_key_identifier, "hash") &&
              add(cert.get(), issuer, NID_authority_key_identifier, "keyid:always");
  if (!s.hosts.empty())
    good = good && add(cert.get(), issuer, NID_subject_alt_name, alt_names(s.hosts));
  if (!good || X509_sign(cert.get(), impl_->key.get(), EVP_sha256()) <= 0)
    return openssl_error("certificate");
  return to_pem(cert.get());
}

Status TlsAuthority::issue_new(const std::filesystem::path& dir, const TlsSubject& subject) const {
  const Scalar scalar = new_scalar();
  LM_TRY(write_key_file(dir / "tls.key", scalar));
  LM_ASSIGN(const auto signer, signer_openssl(scalar.view()));
  LM_ASSIGN(const std::string pem, issue(signer->public_key(), subject));
  return write_file(dir / "tls.crt", pem);
}

Result<CertificateRequest> read_request(std::string_view pem) {
  const RequestPtr request(PEM_read_bio_X509_REQ(reader(pem).get(), nullptr, nullptr, nullptr));
  if (request == nullptr) return openssl_error("certificate request");
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    return fail(Errc::kKeyBad, "the certificate request's own signature does not hold");
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size < 0) return openssl_error("certificate request");
  const Bytes spki(der, der + size);
  OPENSSL_free(der);
  CertificateRequest out;
  const auto point = spki.size() < PublicKey::kSize
                         ? std::nullopt
                         : PublicKey::from(ByteView(spki).last(PublicKey::kSize));
  if (!point || to_spki(*point) != spki)
    return fail(Errc::kKeyBad, "the request's key is no P-256 key");
  out.key = *point;
  char name[65] = {};
  X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName, name,
                            sizeof name);
  out.common_name = name;
  return out;
}

}  // namespace lotmark::cli
