// A TCP connection to a reader. Every wait ends when the stop event is set.
#pragma once

#include <chrono>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "edge-agent/source/child.h"

namespace lotmark::agent::llrp {

class Connection {
 public:
  // `host`: an address or a name. unavailable: stopped; io: nobody there, or not within ten seconds.
  static Result<Connection> open(const std::string& host, std::uint16_t port,
                                 const StopEvent& stop);
  Connection(Connection&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  // What came until then, maybe nothing; unavailable: `stop`, if given, is set; io: the reader closed the connection, or
  // it broke.
  Result<Bytes> read(std::chrono::milliseconds wait, const StopEvent* stop);
  // Sends all, within ten seconds.
  Status write(ByteView bytes);

 private:
  explicit Connection(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace lotmark::agent::llrp
