#include "core/bus/certificate_time.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <mutex>

namespace lotmark::bus {

namespace {

constexpr auto kOften = std::chrono::hours(1);  // certificates are not minted by the minute

std::shared_mutex& handshakes() {
  static std::shared_mutex mutex;
  return mutex;
}

// OpenSSL looks its clients' rules up by this name, in a table that programs may add to: what is added stands in place of
// the built-in one, which has the same purpose and trust. The table owns it.
Result<X509_VERIFY_PARAM*> server_rules() {
  static X509_VERIFY_PARAM* rules = nullptr;
  if (rules != nullptr) return rules;
  X509_VERIFY_PARAM* made = X509_VERIFY_PARAM_new();
  if (made != nullptr && X509_VERIFY_PARAM_set1_name(made, "ssl_server") == 1 &&
      X509_VERIFY_PARAM_set_purpose(made, X509_PURPOSE_SSL_SERVER) == 1 &&
      X509_VERIFY_PARAM_set_trust(made, X509_TRUST_SSL_SERVER) == 1 &&
      X509_VERIFY_PARAM_add0_table(made) == 1) {
    rules = made;
    return rules;
  }
  X509_VERIFY_PARAM_free(made);
  return fail(Errc::kInternal, "OpenSSL takes no rules for certificates");
}

}  // namespace

Status hold_certificates_against(const std::optional<Time>& time) {
  static std::mutex one;
  static std::optional<Time> now;
  std::lock_guard lock(one);
  if (!time && !now) return {};
  if (time && now && *time - *now < kOften && *now - *time < kOften) return {};
  std::unique_lock alone(handshakes());
  LM_ASSIGN(auto* rules, server_rules());
  if (time) {
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(to_ms(*time) / 1000));
  } else {
    X509_VERIFY_PARAM_clear_flags(rules, X509_V_FLAG_USE_CHECK_TIME);
  }
  now = time;
  return {};
}

std::shared_lock<std::shared_mutex> certificate_time_lock() {
  return std::shared_lock(handshakes());
}

}  // namespace lotmark::bus
