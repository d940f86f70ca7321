// An HTTP/1.1 server on cpprestsdk's http_listener, for the peer and control endpoints and the API.
//
// The listener runs on our own transport (listener.h, by cpprestsdk's http_server interface),
// because the one that comes with it has no timeouts, no limit for heads or bodies, goes on after a
// failed handshake and reads a negative chunk size. Every request is read whole within a limit and
// a deadline and handed to a bounded pool: a handler may block without stopping the others.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::http {

// Called by several threads at once. What it throws becomes a 500 and a line in the log.
using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP address; no name is looked up
  std::uint16_t port = 0;             // 0: a free one, told by Server::port()

  // PEM files. With certificate and key the server speaks TLS 1.2 or newer only. The CA judges
  // client certificates: asked for when it is given, and demanded when require_client_cert is set.
  std::filesystem::path certificate{};
  std::filesystem::path key{};
  std::filesystem::path ca{};
  bool require_client_cert = false;

  std::size_t body_max = 1024 * 1024;  // bytes; above: 413
  std::size_t threads = 4;             // that run handlers
  std::size_t queue_max = 256;         // requests waiting for one; above: 503 with Retry-After
  // Above connections_max, the connection that waits longest for a next request is closed for a new one; if all
  // are at work, the new one.
  std::size_t connections_max = 1024;
  // Of one address (of IPv6: one /64), loopback too; above: closed at once. A proxy brings everybody's: name it
  // below, and let it limit its callers itself (docs/operate/peer.md).
  std::size_t connections_per_address = 64;
  std::vector<std::string> proxies{};  // IP addresses without that limit
  std::chrono::milliseconds first_byte_timeout{
      10000};                                     // from accept or handshake; not above idle's
  std::chrono::milliseconds idle_timeout{60000};  // between requests of one connection
  std::chrono::milliseconds read_timeout{
      15000};  // handshake; a request from its first byte to its last
  std::chrono::milliseconds write_timeout{30000};  // a response to its last byte
};

class Server {
 public:
  // Listens when it returns. config if a file or the address is unusable, network if the port is
  // taken.
  static Result<Server> start(const ServerOptions& options, Handler handler);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();  // stops

  std::uint16_t port() const;
  // "http://127.0.0.1:8080", ready for a client.
  std::string url() const;
  // No new requests; waits for handlers that run, and at most a second for their answers to leave.
  // Safe to call twice; not from a handler.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lotmark::http
