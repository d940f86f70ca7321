#include "core/http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/base/private_file.h"

namespace lotmark::http {

namespace ssl = boost::asio::ssl;

namespace {

void demand_modern(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_ALL | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
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
  demand_modern(context.native_handle());
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

bool use_client_tls(SSL_CTX* context, const std::string& host) {
  demand_modern(context);
  // An answer that ends with its connection is whole only if TLS says so (RFC 9112 section 9.8); libcurl asks for less.
  SSL_CTX_clear_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1 ||
         X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) == 1;
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
  return tried("client", [&](ssl::context& c) {
    trust_only(c, tls.ca);
    if (!tls.certificate.empty()) show_certificate(c, tls.certificate, tls.key);
  });
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
