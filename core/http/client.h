// A blocking HTTP/1.1 client with a deadline, over libcurl. Connections are kept and used again. Who answers may be
// hostile: what is held of an answer is bounded, and a caller waits for no other's server.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "core/base/result.h"
#include "core/http/message.h"

namespace lotmark::http {

struct ClientOptions {
  // "https://node-1.example:7443"; a path in it goes before every target.
  std::string base_url{};
  // PEM files, read for each new connection. https needs the CA: no other is trusted, and the server's certificate must
  // carry the URL's host name or address as subjectAltName. Certificate and key are shown if given.
  std::filesystem::path ca{};
  std::filesystem::path certificate{};
  std::filesystem::path key{};
  // Of a whole exchange; looking the name up and connecting included.
  std::chrono::milliseconds timeout{10000};
};

// Safe to share between threads: each send() has a connection of its own.
class Client {
 public:
  static constexpr std::size_t kHeadMax =
      64 * 1024;                             // bytes of an answer's status line and headers
  static constexpr std::size_t kNoBody = 0;  // as response_max: the body is not wanted

  // config if the URL or a file is unusable. Does not connect yet.
  static Result<Client> make(const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Any status from 200 to 599 is an answer, not an error; redirects are not followed, and interim answers (1xx) are
  // passed over. `target` is path and query as they are to be sent. unavailable if the deadline passes, too-large if the
  // body is above response_max bytes or the head above kHeadMax, usage if method, target or a header cannot be sent,
  // network for all else that goes wrong on the way (refused, reset, handshake, certificate, no HTTP). A request may
  // be sent a second time where the kept connection that it went over ended before any answer.
  Result<Response> send(std::string_view method, std::string_view target,
                        const Headers& headers = {}, ByteView body = {},
                        std::size_t response_max = 4 * 1024 * 1024) const;

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lotmark::http
