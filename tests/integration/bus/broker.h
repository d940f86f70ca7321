// A real broker on a loopback port for one test, Mosquitto or nats-server: its own CA, client certificates, and an end
// by kill. Anybody with a certificate may do anything; permissions are tested where ca init writes them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "core/bus/bus.h"

namespace lotmark::test {

// A folder of its own under the system's temporary one; removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Runs a shell command; true if it ended with 0.
bool shell(const std::string& command);

// The last `count` lines of a server's log, under its name: why a test's scene did not come about.
std::string last_lines(const std::filesystem::path& log, std::size_t count = 15);

enum class BrokerKind { kMosquitto, kNats };
std::string name(BrokerKind kind);

class Broker {
 public:
  // Makes a CA and a server certificate and chooses a free port; does not start yet.
  explicit Broker(BrokerKind kind = BrokerKind::kMosquitto);
  ~Broker() { kill(); }
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Mosquitto takes clients by this user and password from its next start on, with TLS but without certificates.
  bool ask_for(const std::string& user, const std::string& password);
  // True once it listens.
  bool start();
  // SIGKILL, and waits: what Mosquitto held is gone, nats-server finds its store again.
  void kill();
  std::string url() const { return "ssl://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  std::string ca_file() const { return dir_ / "ca.pem"; }
  // Options of a client whose certificate says CN = name.
  bus::PahoOptions client(const std::string& name);

 private:
  void write_mosquitto();
  void write_nats();
  BrokerKind kind_;
  TempDir dir_;
  int port_ = 0, nats_port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace lotmark::test
