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
// The same of a request whose head alone is there: the answer that refuses it, or nothing.
using HeadJudge = std::function<std::optional<Response>(const Request& head)>;

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
  // Of one request, by its method and path as it was sent: so many bytes, but never more than body_max. Asked once the
  // head is read, so that a body which is too large is refused before it comes. It runs on the listener's thread: it must
  // neither block nor throw. None: body_max for all.
  std::function<std::size_t(std::string_view method, std::string_view path)> body_max_of{};
  // Asked on the pool of handlers before a body is taken in: who may not send one is answered at once, and its connection
  // ends. Requests without a body are not asked; of others Request::judged_as says what the body counts as, and the handler
  // finds it there too. None: every body within its limit is taken.
  HeadJudge judge_head{};
  // The answer to what the server refuses itself (400, 408, 413, 414, 431, 501, 503, 505). `head`: as much of it as was
  // understood, and who sent it; its path may be cut, or empty. It must neither block nor throw. None: http::problem.
  std::function<Response(const Request& head, int status, const Error& error)> refusal{};
  // What the log calls a request by, where its path would say too much. None: its path.
  std::function<std::string(const Request& request)> logged_as{};
  // Bytes that the bodies of all requests may hold together, each from its first byte until its handler is done; a
  // request that would go above gets 503 with Retry-After, and others go on. 0: four times body_max, at least 64 MiB.
  std::size_t bodies_max = 0;
  std::size_t threads = 4;      // that run handlers
  std::size_t queue_max = 256;  // requests waiting for one; above: 503 with Retry-After
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
  // Listens when it returns. For the whole process it sets glibc's allocator so that freed blocks of a megabyte and more
  // go back to the system. config if a file or the address is unusable or bodies_max is below body_max, network if the
  // port is taken.
  static Result<Server> start(const ServerOptions& options, Handler handler);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();  // stops

  std::uint16_t port() const;
  // "http://127.0.0.1:8080", ready for a client.
  std::string url() const;
  // Bytes that count towards bodies_max at the moment.
  std::size_t bodies_held() const;
  // No new requests; waits for handlers that run, and at most a second for their answers to leave.
  // Safe to call twice; not from a handler.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lotmark::http
