// One or three real nats-servers with JetStream on loopback ports, in a folder of their own, ended by pid. Their account
// has one user a node (alpha, beta, gamma) with exactly the permissions of docs/adr/0011, and an administrator with all.
#pragma once

#include <sys/types.h>

#include <nlohmann/json_fwd.hpp>

#include "ledger-node/order/jetstream_log.h"
#include "tests/integration/bus/broker.h"

namespace lotmark::test {

class NatsServers {
 public:
  enum class Login { kPassword, kCertificate };

  explicit NatsServers(unsigned count, Login login = Login::kPassword,
                       std::size_t max_payload = 2u << 20);
  ~NatsServers();
  NatsServers(const NatsServers&) = delete;
  NatsServers& operator=(const NatsServers&) = delete;

  // Is nats-server installed at all?
  static bool installed();
  // True once all listen and their JetStream answers. nats-server 2.9.10 can crash as it starts: then it is started
  // again. In vain: the end of the log on stderr.
  bool start();
  bool start(std::size_t which);
  // SIGKILL, and waits.
  void kill(std::size_t which);
  // Starts again who ended by itself, as its unit does in the field; false if nobody did.
  bool revive();
  void freeze(std::size_t which);
  void thaw(std::size_t which);
  std::size_t count() const { return servers_.size(); }

  // How node `name` (alpha, beta or gamma) connects, first to server `first`.
  node::JetStreamOptions options(const std::string& name, std::size_t first = 0) const;

  // As administrator: a request of the JetStream API and its answer; null when none comes within 2 s.
  nlohmann::json admin(const std::string& subject, const std::string& body = "") const;
  // As `user`, whose password is known here: publishes `data` with `headers` ("Name: value\r\n" each), and what comes
  // back on its inbox; null when nothing does.
  nlohmann::json request(const std::string& user, const std::string& subject,
                         const std::string& headers, const std::string& data) const;
  // The server that leads the stream.
  std::optional<std::size_t> leader(const std::string& stream) const;

 private:
  struct Server {
    int port = 0;
    int route = 0;
    pid_t pid = -1;
    bool frozen = false;
  };
  std::string config(std::size_t which) const;
  std::filesystem::path log(std::size_t which) const;
  void run(std::size_t which);
  bool ended(std::size_t which);
  nlohmann::json exchange(std::size_t which, const std::string& user, const std::string& subject,
                          const std::string& headers, const std::string& data) const;

  TempDir dir_;
  const Login login_;
  const std::size_t max_payload_;
  std::vector<Server> servers_;
};

}  // namespace lotmark::test
