// One connection to one NATS server: libnats, hidden. It does not reconnect: once closed it is thrown away.
#pragma once

#include <functional>
#include <memory>

#include "ledger-node/order/jetstream_log.h"

namespace lotmark::node::js {

struct Incoming {
  std::string subject;
  bool nobody_there = false;   // the server's word that no one answers the request
  std::uint64_t sequence = 0;  // of a republished entry, as the server put it; else 0
  Bytes data;
};

class Line {
 public:
  // Called on two threads of the line, until its end.
  using Sink = std::function<void(Incoming)>;

  // Connects within about `timeout`, subscribes to `inbox` (a filter) and to `entries`. Waits longer only for a
  // server that freezes within the TLS handshake.
  static Result<std::unique_ptr<Line>> connect(const JetStreamOptions& options,
                                               const std::string& password,
                                               const std::string& server, const std::string& inbox,
                                               std::string_view entries, Millis timeout, Sink sink);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Hands the message to the socket; waits at most a second for room in it. `expected`: the stream's last sequence
  // that the message must come behind.
  Status publish(const std::string& subject, const std::string& reply,
                 std::optional<std::uint64_t> expected, ByteView data);
  // False once the server, the network or a missing pong has ended it (noticed within 3 s).
  bool open() const;
  // Of one message with its headers, as the server announced it.
  std::size_t payload_max() const;

 private:
  struct State;
  explicit Line(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The host of a server's url; nothing if it is no nats:// or tls:// url of HOST:PORT.
std::optional<std::string> host_of(std::string_view url);

}  // namespace lotmark::node::js
