#include "core/bus/certificate_time.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <map>
#include <mutex>

namespace lotmark::bus {

namespace {

struct Registered {
  std::mutex mutex;
  std::uint64_t next = 1;
  std::map<std::uint64_t, LeastTime> all;
};

Registered& registered() {
  static Registered r;
  return r;
}

std::optional<Time> least_time() {
  Registered& r = registered();
  std::lock_guard lock(r.mutex);
  return r.all.empty() ? std::nullopt : r.all.begin()->second();
}

bool ended_before(const X509* certificate, time_t time) {
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) < 0;
}

// In the place of X509_verify_cert, which it calls. The time is one that has passed for certain: it can prove an end, and
// no beginning.
int verify(X509_STORE_CTX* chain, void* /*argument*/) {
  const auto least = least_time();
  if (!least) return X509_verify_cert(chain);
  X509_STORE_CTX_set_flags(chain, X509_V_FLAG_NO_CHECK_TIME);
  const int good = X509_verify_cert(chain);
  if (good != 1) return good;
  const auto time = static_cast<time_t>(to_ms(*least) / 1000);
  const auto* certificates = X509_STORE_CTX_get0_chain(chain);
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    if (!ended_before(sk_X509_value(certificates, i), time)) continue;
    X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_HAS_EXPIRED);
    return 0;
  }
  return 1;
}

// OpenSSL calls this for every SSL_CTX that is made: Paho makes its own, and offers no way to it.
void each_context(void* parent, void* /*ptr*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                  long /*argument*/, void* /*pointer*/) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(parent), verify, nullptr);
}

}  // namespace

Result<CertificateTime> CertificateTime::hold(LeastTime least) {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, each_context, nullptr, nullptr);
  if (index < 0) return fail(Errc::kInternal, "OpenSSL takes no callback for its contexts");
  Registered& r = registered();
  std::lock_guard lock(r.mutex);
  r.all.emplace(r.next, std::move(least));
  return CertificateTime(r.next++);
}

CertificateTime::~CertificateTime() {
  if (number_ == 0) return;
  Registered& r = registered();
  std::lock_guard lock(r.mutex);
  r.all.erase(number_);
}

}  // namespace lotmark::bus
