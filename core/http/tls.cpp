#include "core/http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/base/private_file.h"

namespace lotmark::http {

namespace ssl = boost::asio::ssl;

namespace {

void demand_modern(ssl::context& context) {
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_options(ssl::context::default_workarounds | ssl::context::no_compression |
                      static_cast<ssl::context::options>(SSL_OP_NO_RENEGOTIATION));
}

// Only `ca`: what the system trusts is forgotten.
void trust_only(ssl::context& context, const std::filesystem::path& ca) {
  SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
  if (!ca.empty()) context.load_verify_file(ca.string());
}

void show_certificate(ssl::context& context, const std::filesystem::path& certificate,
                      const std::filesystem::path& key) {
  context.use_certificate_chain_file(certificate.string());
  context.use_private_key_file(key.string(), ssl::context::pem);
}

// Where a connection keeps how many bytes came since it last said something.
int came_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// What is said in TLS 1.3 shows its kind only inside: an update of keys, which the other side may ask for, is no request.
bool says_something(int kind, const unsigned char* bytes, const SSL* ssl) {
  const bool inner = SSL_version(ssl) >= TLS1_3_VERSION;
  return kind == (inner ? SSL3_RT_INNER_CONTENT_TYPE : SSL3_RT_HEADER) &&
         bytes[0] == SSL3_RT_APPLICATION_DATA;
}

// Sees every record. Beyond the bound the connection reads as closed.
void count_records(int write, int /*version*/, int kind, const void* data, std::size_t size,
                   SSL* ssl, void* answer_max) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  if (size == 0) return;
  if (write != 0) {
    if (says_something(kind, bytes, ssl)) SSL_set_ex_data(ssl, came_index(), nullptr);
    return;
  }
  if (kind != SSL3_RT_HEADER || size < SSL3_RT_HEADER_LENGTH) return;
  const auto came = reinterpret_cast<std::uintptr_t>(SSL_get_ex_data(ssl, came_index())) +
                    static_cast<std::uintptr_t>(bytes[3] << 8 | bytes[4]);
  SSL_set_ex_data(ssl, came_index(), reinterpret_cast<void*>(came));
  if (came > reinterpret_cast<std::uintptr_t>(answer_max))
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

template <class Fn>
Status tried(const char* what, Fn&& fn) {
  try {
    ssl::context context(ssl::context::tls);
    fn(context);
    return {};
  } catch (const std::exception& e) {
    return fail(Errc::kConfig, std::string("TLS files of the ") + what + ": " + e.what());
  }
}

Status readable(const std::filesystem::path& file) {
  std::error_code ec;
  if (file.empty() || std::filesystem::is_regular_file(file, ec)) return {};
  return fail(Errc::kConfig, "cannot read " + file.string());
}

}  // namespace

void use_server_tls(ssl::context& context, const ServerOptions& options) {
  demand_modern(context);
  context.set_options(ssl::context::no_sslv2 | ssl::context::no_sslv3);
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_TICKET);
  show_certificate(context, options.certificate, options.key);
  trust_only(context, options.ca);
  if (options.ca.empty()) return;
  context.set_verify_mode(options.require_client_cert
                              ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                              : ssl::verify_peer);
  SSL_CTX_set_client_CA_list(context.native_handle(), SSL_load_client_CA_file(options.ca.c_str()));
}

void use_client_tls(ssl::context& context, const ClientTls& tls) {
  demand_modern(context);
  SSL_CTX_set_msg_callback(context.native_handle(), count_records);
  SSL_CTX_set_msg_callback_arg(context.native_handle(), reinterpret_cast<void*>(tls.answer_max));
  trust_only(context, tls.ca);
  if (!tls.certificate.empty()) show_certificate(context, tls.certificate, tls.key);
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(context.native_handle());
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, tls.host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(param, tls.host.c_str(), tls.host.size());
  }
}

Status check_server_tls(const ServerOptions& options) {
  if (options.certificate.empty() != options.key.empty()) {
    return fail(Errc::kConfig, "TLS needs both a certificate and its key");
  }
  if (options.require_client_cert && (options.ca.empty() || options.certificate.empty())) {
    return fail(Errc::kConfig, "client certificates need a CA, a certificate and its key");
  }
  if (options.certificate.empty()) return {};
  for (const auto& f : {options.certificate, options.key, options.ca}) LM_TRY(readable(f));
  LM_TRY(check_private_file(options.key));
  return tried("server", [&](ssl::context& c) { use_server_tls(c, options); });
}

Status check_client_tls(const ClientTls& tls) {
  if (tls.ca.empty()) return fail(Errc::kConfig, "https needs the CA that signs the server");
  for (const auto& f : {tls.ca, tls.certificate, tls.key}) LM_TRY(readable(f));
  if (!tls.key.empty()) LM_TRY(check_private_file(tls.key));
  return tried("client", [&](ssl::context& c) { use_client_tls(c, tls); });
}

std::string verified_peer_name(SSL* ssl) {
  if (SSL_get_verify_result(ssl) != X509_V_OK) return {};
  X509* certificate = SSL_get1_peer_certificate(ssl);
  if (certificate == nullptr) return {};
  char text[256] = {};
  const int n = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text,
                                          sizeof text);
  X509_free(certificate);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string{};
}

}  // namespace lotmark::http
