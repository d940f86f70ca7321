#include "edge-agent/check/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace lotmark::agent {

namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

Result<FilePtr> open_file(const std::string& file) {
  FilePtr f(std::fopen(file.c_str(), "re"));
  if (!f) return fail(Errc::kIo, file + ": cannot be read");
  return f;
}

Result<X509Ptr> first_certificate(const std::string& file) {
  LM_ASSIGN(auto f, open_file(file));
  X509Ptr cert(PEM_read_X509(f.get(), nullptr, nullptr, nullptr));
  if (!cert) return fail(Errc::kKeyBad, file + ": holds no certificate in PEM");
  return cert;
}

Result<std::int64_t> ms_of(const ASN1_TIME* t, const std::string& file) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(t, &tm) != 1) return fail(Errc::kKeyBad, file + ": a date that is none");
  return std::int64_t{::timegm(&tm)} * 1000;
}

// Asked for a password it has none: an agent starts without anybody beside it.
int no_password(char*, int, int, void*) { return 0; }

}  // namespace

Result<CertificateDates> read_certificate(const std::string& file) {
  LM_ASSIGN(const auto cert, first_certificate(file));
  CertificateDates out;
  char subject[256] = "";
  X509_NAME_oneline(X509_get_subject_name(cert.get()), subject, sizeof subject);
  out.subject = subject;
  LM_ASSIGN(out.from_ms, ms_of(X509_get0_notBefore(cert.get()), file));
  LM_ASSIGN(out.until_ms, ms_of(X509_get0_notAfter(cert.get()), file));
  return out;
}

Status check_key_pair(const std::string& cert_file, const std::string& key_file) {
  LM_ASSIGN(const auto cert, first_certificate(cert_file));
  LM_ASSIGN(const auto f, open_file(key_file));
  const KeyPtr key(PEM_read_PrivateKey(f.get(), nullptr, no_password, nullptr));
  if (!key) return fail(Errc::kKeyBad, key_file + ": holds no key in PEM without a password");
  if (X509_check_private_key(cert.get(), key.get()) == 1) return {};
  return fail(Errc::kKeyBad, key_file + ": not the key of " + cert_file);
}

}  // namespace lotmark::agent
