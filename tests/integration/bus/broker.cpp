#include "tests/integration/bus/broker.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <thread>

#include "tests/free_ports.h"

namespace lotmark::test {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(static_cast<std::uint16_t>(port));
  return a;
}

bool listens(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in a = loopback(port);
  const bool up = ::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  ::close(fd);
  return up;
}

// KEY and CERT of `name`, signed by the CA of the folder.
bool certificate(const std::filesystem::path& dir, const std::string& file, const std::string& name,
                 const std::string& extension) {
  const std::string cd = "cd " + dir.string() + " && ";
  return shell(cd + "openssl ecparam -name prime256v1 -genkey -noout -out " + file + ".key && " +
               "openssl req -new -key " + file + ".key -subj '/CN=" + name + "' -out " + file +
               ".csr && printf '" + extension + "' > " + file + ".ext && " +
               "openssl x509 -req -in " + file + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial " +
               "-days 2 -extfile " + file + ".ext -out " + file + ".pem");
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = std::filesystem::temp_directory_path() / "lotmark-test-XXXXXX";
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

bool shell(const std::string& command) {
  return std::system(("{ " + command + " ; } >/dev/null 2>&1").c_str()) == 0;
}

std::string last_lines(const std::filesystem::path& log, std::size_t count) {
  std::deque<std::string> kept;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    kept.push_back(line + "\n");
    if (kept.size() > count) kept.pop_front();
  }
  std::string out = "--- " + log.string() + "\n";
  for (const auto& line : kept) out += line;
  return out;
}

std::string name(BrokerKind kind) { return kind == BrokerKind::kNats ? "Nats" : "Mosquitto"; }

Broker::Broker(BrokerKind kind) : kind_(kind) {
  const auto ports = free_ports(2);
  port_ = ports[0];
  nats_port_ = ports[1];
  const std::string cd = "cd " + dir_.path().string() + " && ";
  shell(cd +
        "openssl ecparam -name prime256v1 -genkey -noout -out ca.key && "
        "openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 2 -out ca.pem");
  certificate(dir_.path(), "server", "localhost", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  if (kind == BrokerKind::kNats) write_nats();
  else write_mosquitto();
}

void Broker::write_mosquitto() {
  std::ofstream(dir_ / "broker.conf")
      << "listener " << port_ << " 127.0.0.1\ncafile ca.pem\ncertfile server.pem\n"
      << "keyfile server.key\nrequire_certificate true\nuse_identity_as_username true\n"
      << "allow_anonymous false\npersistence false\nuser root\nset_tcp_nodelay true\n"
      << "log_type error\n";
}

bool Broker::ask_for(const std::string& user, const std::string& password) {
  std::ofstream(dir_ / "broker.conf")
      << "listener " << port_ << " 127.0.0.1\ncafile ca.pem\ncertfile server.pem\n"
      << "keyfile server.key\nallow_anonymous false\npassword_file users\npersistence false\n"
      << "user root\nset_tcp_nodelay true\nlog_type error\n";
  return shell("mosquitto_passwd -c -b " + (dir_ / "users").string() + " '" + user + "' '" +
               password + "'");
}

void Broker::write_nats() {
  std::ofstream(dir_ / "broker.conf")
      << "server_name: broker\nlisten: \"127.0.0.1:" << nats_port_ << "\"\n"
      << "max_payload: 2162688\njetstream { store_dir: store }\nmqtt {\n  listen: \"127.0.0.1:"
      << port_
      << "\"\n  tls { cert_file: server.pem, key_file: server.key, ca_file: ca.pem, verify: true "
         "}\n}\n";
}

bool Broker::start() {
  const char* program = kind_ == BrokerKind::kNats ? "nats-server" : "mosquitto";
  pid_ = ::fork();
  if (pid_ == 0) {
    if (::chdir(dir_.path().c_str()) == 0 && std::freopen("broker.log", "a", stderr) != nullptr) {
      ::execlp(program, program, "-c", "broker.conf", nullptr);
      ::execl(("/usr/sbin/" + std::string(program)).c_str(), program, "-c", "broker.conf", nullptr);
    }
    ::_exit(127);
  }
  for (int i = 0; i < 1200; ++i) {
    if (listens(port_)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  std::fputs(last_lines(dir_ / "broker.log").c_str(), stderr);
  return false;
}

void Broker::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bus::PahoOptions Broker::client(const std::string& name) {
  if (!std::filesystem::exists(dir_ / (name + ".pem"))) {
    certificate(dir_.path(), name, name, "extendedKeyUsage=clientAuth");
  }
  bus::PahoOptions o;
  o.url = url();
  o.client_id = name;
  o.ca_file = ca_file();
  o.cert_file = dir_ / (name + ".pem");
  o.key_file = dir_ / (name + ".key");
  return o;
}

}  // namespace lotmark::test
