// Real NATS servers on loopback, configured by `lotmark ca init` from the vaccines sample: three that form one
// cluster, order blocks and serve the devices' MQTT.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>

#include "core/bus/bus.h"
#include "tests/eventually.h"
#include "tests/integration/bus/broker.h"

namespace lotmark::test {

class NatsServers {
 public:
  struct Ports {
    int client = 0;
    int cluster = 0;
    int mqtt = 0;
    int monitor = 0;
  };

  // Founds the consortium; starts nothing.
  explicit NatsServers(int count = 3, int store_mb = 256);
  ~NatsServers();
  NatsServers(const NatsServers&) = delete;
  NatsServers& operator=(const NatsServers&) = delete;

  // One, without waiting; all, until JetStream has a leader and every server says that it is well. nats-server 2.9.10
  // can crash as it starts: one of all that ended by itself is started again. In vain: the ends of their logs on stderr.
  void start(int server);
  bool start_all();
  // With a configuration file of one's own, beside the others; ended with them.
  void start_with(const std::filesystem::path& conf);
  // SIGKILL, and waits.
  void kill(int server);
  // SIGHUP: it reads its file again.
  void reload(int server);
  bool healthy(int server) const;

  int count() const { return static_cast<int>(ports_.size()); }
  const Ports& ports(int server) const { return ports_[static_cast<std::size_t>(server)]; }
  std::filesystem::path operator/(const std::string& name) const {
    return dir_.path() / "c" / name;
  }
  std::filesystem::path conf(int server) const;
  std::filesystem::path store(int server) const;
  std::vector<std::string> client_urls() const;
  // What a monitoring page answers as JSON, "/jsz?streams=true"; null if nothing.
  nlohmann::json page(int server, const std::string& path) const;
  // Options for the bus as `who`, such as "devices/fridge-1", over the MQTT of `server`.
  bus::PahoOptions mqtt(const std::string& who, int server = 0) const;

 private:
  pid_t run(const std::filesystem::path& conf) const;
  void revive();
  TempDir dir_;
  std::vector<Ports> ports_;
  std::vector<pid_t> pids_;
  std::vector<pid_t> others_;
};

// The sample's description with `count` NATS servers in place of Mosquitto. Ports as given; without mqtt the broker
// stays Mosquitto.
std::string nats_description(const std::vector<NatsServers::Ports>& ports,
                             const std::string& ordering = "jetstream", bool mqtt = true,
                             int store_mb = 256);
std::vector<NatsServers::Ports> free_nats_ports(int count);
// `nats-server -t`: whether it takes the file.
bool nats_accepts(const std::filesystem::path& conf);

}  // namespace lotmark::test
