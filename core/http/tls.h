// OpenSSL contexts for both ends: TLS 1.2 or newer, the project's own CA and no other.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "core/http/server.h"

namespace lotmark::http {

// Fills a context made by the listener. Throws boost::system::system_error, as its callback may.
void use_server_tls(boost::asio::ssl::context& context, const ServerOptions& options);

struct ClientTls {
  std::filesystem::path ca{};
  std::filesystem::path certificate{};  // empty: none is shown
  std::filesystem::path key{};
};
// Demands what a server's certificate must carry as subjectAltName: `host`, a name or an IP address. For a context that
// has its files already. False if OpenSSL refuses.
bool use_client_tls(SSL_CTX* context, const std::string& host);

// config, naming the file, if a context cannot be made of them.
Status check_server_tls(const ServerOptions& options);
Status check_client_tls(const ClientTls& tls);

// CN of the certificate that the peer showed and TLS verified; empty if there is none.
std::string verified_peer_name(SSL* ssl);

}  // namespace lotmark::http
