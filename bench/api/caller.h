// One connection of the load: sends a request, reads its answer whole, sends the next. Non-blocking, with or without TLS.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lotmark::bench {

class Caller {
 public:
  using Clock = std::chrono::steady_clock;

  // `tls` null: plain HTTP; else it outlives the caller.
  Caller(std::uint16_t port, SSL_CTX* tls) : port_(port), tls_context_(tls) {}
  ~Caller() { close(); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // A new connection, of which nothing is sent yet. network.
  Status connect();
  int fd() const { return fd_; }
  // `request` is copied. Sending begins at once.
  void ask(std::string_view request);

  enum class Step { kWaits, kAnswered, kBroken };
  // Goes on as far as the socket allows; called when it is readable or writable.
  Step go_on();
  bool wants_write() const { return wants_write_; }

  // Of the answer that is there.
  int status() const { return status_; }
  bool closes() const { return closes_; }  // the other side ends the connection after it
  Clock::time_point asked_at() const { return asked_at_; }

 private:
  bool shake_hands();
  bool send_rest();
  bool receive();
  bool take_head();
  void close();

  std::uint16_t port_;
  SSL_CTX* tls_context_;
  SSL* tls_ = nullptr;
  int fd_ = -1;
  bool shaken_ = false;
  bool wants_write_ = false;
  bool broken_ = false;
  std::string out_;
  std::size_t sent_ = 0;
  std::string in_;
  std::size_t whole_ = 0;  // size of the answer, once its head is read
  int status_ = 0;
  bool closes_ = false;
  Clock::time_point asked_at_{};
};

}  // namespace lotmark::bench
