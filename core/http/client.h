// A blocking HTTP client with a deadline, over cpprestsdk's http_client. Connections are kept and
// used again.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::http {

struct ClientOptions {
  // "https://node-1.example:7443"; a path in it goes before every target. No IPv6 literal.
  std::string base_url{};
  // PEM files. https needs the CA: no other is trusted, and the server's certificate must carry the
  // URL's host name or address as subjectAltName. Certificate and key are shown if given.
  std::filesystem::path ca{};
  std::filesystem::path certificate{};
  std::filesystem::path key{};
  std::chrono::milliseconds timeout{10000};  // of a whole exchange, connecting included
  // What https takes of the answer to one request, head and framing included; then the connection ends. cpprestsdk
  // holds a head or a chunk whole before send() sees it: this bounds what a server makes it hold. At least response_max
  // and a little more. Plain http, for servers of our own on this machine, has no such bound.
  std::size_t answer_max{32 * 1024 * 1024};
};

// Safe to share between threads.
class Client {
 public:
  // config if the URL or a file is unusable. Does not connect yet.
  static Result<Client> make(const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Any status is an answer, not an error; redirects are not followed. `target` is path and query
  // as they are to be sent. unavailable if the deadline passes, too-large if the body is above
  // response_max bytes, network for all else that goes wrong on the way (refused, reset, handshake,
  // certificate).
  Result<Response> send(std::string_view method, std::string_view target,
                        const Headers& headers = {}, ByteView body = {},
                        std::size_t response_max = 4 * 1024 * 1024) const;

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lotmark::http
