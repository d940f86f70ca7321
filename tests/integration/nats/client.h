// A connection to NatsServers by libnats, as one certificate's user.
#pragma once

#include <nats/nats.h>

#include <mutex>

#include "tests/integration/nats/servers.h"

namespace lotmark::test {

// What a stream holds, as a client hears it.
struct StreamState {
  std::uint64_t messages = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const StreamState&) const = default;
};

class NatsClient {
 public:
  // `who` is the folder of tls.crt and tls.key, such as "members/agency-1"; empty: no certificate. Without `inbox` the
  // client library's own prefix.
  NatsClient(const NatsServers& servers, const std::string& who, const std::string& inbox = {});
  ~NatsClient();
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  bool connected() const { return js_ != nullptr; }
  natsConnection* connection() { return connection_; }
  jsCtx* js() { return js_; }

  // Each says whether the server did it.
  bool make_stream(const std::string& name, const std::string& subject, int replicas = 3,
                   bool deny = true);
  bool append(const std::string& subject, const std::string& text, std::uint64_t last);
  bool purge(const std::string& stream);
  bool remove(const std::string& stream);
  bool remove_message(const std::string& stream, std::uint64_t seq);
  bool update(const std::string& stream, const std::string& subject);
  // Any request: what was answered, empty if nothing was.
  std::string request(const std::string& subject, const std::string& body);
  std::optional<StreamState> state(const std::string& stream);
  std::optional<std::string> read(const std::string& stream, std::uint64_t seq);
  // Whether the server says, soon, that it refused that: "Publish to \"SUBJECT", "Subscription to \"SUBJECT".
  bool refused(const std::string& what);
  // What it refused so far.
  std::vector<std::string> refusals();

 private:
  static void on_error(natsConnection*, natsSubscription*, natsStatus, void* self);
  natsOptions* options_ = nullptr;
  natsConnection* connection_ = nullptr;
  jsCtx* js_ = nullptr;
  std::mutex mutex_;
  std::vector<std::string> refusals_;
};

}  // namespace lotmark::test
