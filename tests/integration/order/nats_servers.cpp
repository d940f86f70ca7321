#include "tests/integration/order/nats_servers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/free_ports.h"

namespace lotmark::test {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kNodes[] = {"alpha", "beta", "gamma"};

// A socket of the NATS protocol, as plain as it gets; reads wait 2 s at most.
class Wire {
 public:
  explicit Wire(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(static_cast<std::uint16_t>(port));
    const timeval most{2, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    up_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
  }
  ~Wire() { ::close(fd_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool up() const { return up_; }
  void write(const std::string& s) {
    up_ = up_ && ::send(fd_, s.data(), s.size(), MSG_NOSIGNAL) > 0;
  }
  std::optional<std::string> line() {
    for (;;) {
      const auto end = in_.find("\r\n");
      if (end != std::string::npos) {
        std::string out = in_.substr(0, end);
        in_.erase(0, end + 2);
        return out;
      }
      if (!more()) return std::nullopt;
    }
  }
  std::string bytes(std::size_t n) {
    while (in_.size() < n + 2 && more()) {
    }
    std::string out = in_.substr(0, n);
    in_.erase(0, n + 2);
    return out;
  }

 private:
  bool more() {
    char b[65536];
    const auto n = ::recv(fd_, b, sizeof b, 0);
    if (n > 0) in_.append(b, static_cast<std::size_t>(n));
    return n > 0;
  }
  int fd_;
  bool up_ = false;
  std::string in_;
};

// docs/adr/0011, the table of permissions.
std::string permissions(const std::string& name) {
  std::string publish;
  for (const char* verb : {"INFO", "CREATE", "MSG.GET"}) {
    for (const char* stream : {"LOTMARK_ORDER", "LOTMARK_LEASE"}) {
      publish += fmt::format("\"$JS.API.STREAM.{}.{}\", ", verb, stream);
    }
  }
  return fmt::format(
      "{{ publish: {{ allow: [{}\"lotmark.order.block\", \"lotmark.order.lease\"] }}, "
      "subscribe: {{ allow: [\"_INBOX_lotmark.{}.>\", \"lotmark.order.entry\"] }} }}",
      publish, name);
}

bool certificate(const std::filesystem::path& dir, const std::string& name,
                 const std::string& extension) {
  return shell("cd " + dir.string() + " && openssl ecparam -name prime256v1 -genkey -noout -out " +
               name + ".key && chmod 600 " + name + ".key && openssl req -new -key " + name +
               ".key -subj /CN=" + name + " -out " + name + ".csr && printf '" + extension +
               "' > " + name + ".ext && openssl x509 -req -in " + name +
               ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile " + name +
               ".ext -out " + name + ".pem");
}

}  // namespace

NatsServers::NatsServers(unsigned count, Login login, std::size_t max_payload)
    : login_(login), max_payload_(max_payload), servers_(count) {
  const auto ports = free_ports(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    servers_[i].port = ports[2 * i];
    servers_[i].route = ports[2 * i + 1];
  }
  for (const char* name : kNodes) {
    std::ofstream(dir_ / (std::string(name) + ".password")) << name << "-secret\n";
    std::filesystem::permissions(dir_ / (std::string(name) + ".password"),
                                 std::filesystem::perms(0600));
  }
  if (login_ == Login::kPassword) return;
  shell("cd " + dir_.path().string() +
        " && openssl ecparam -name prime256v1 -genkey -noout -out ca.key && "
        "openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 2 -out ca.pem");
  certificate(dir_.path(), "server", "subjectAltName=IP:127.0.0.1");
  for (const char* name : kNodes) certificate(dir_.path(), name, "extendedKeyUsage=clientAuth");
}

NatsServers::~NatsServers() {
  for (std::size_t i = 0; i < servers_.size(); ++i) kill(i);
}

bool NatsServers::installed() { return shell("PATH=$PATH:/usr/sbin command -v nats-server"); }

std::string NatsServers::config(std::size_t which) const {
  const Server& s = servers_[which];
  std::string users;
  for (const std::string name : kNodes) {
    const std::string who = login_ == Login::kCertificate
                                ? fmt::format("user: \"CN={}\"", name)
                                : fmt::format("user: {0}, password: \"{0}-secret\"", name);
    users += fmt::format("{{ {}, permissions: {} }}\n", who, permissions(name));
  }
  std::string out = fmt::format(
      "server_name: n{}\nlisten: \"127.0.0.1:{}\"\nmax_payload: {}\n"
      "jetstream {{ store_dir: \"{}\" }}\naccounts {{\n  LEDGER {{ jetstream: enabled, users: [\n"
      "{}{{ user: admin, password: \"admin-secret\" }} ] }}\n"
      "  $SYS {{ users: [ {{ user: sys, password: \"sys-secret\" }} ] }}\n}}\n",
      which, s.port, max_payload_, (dir_ / fmt::format("store{}", which)).string(), users);
  if (login_ == Login::kCertificate) {
    const auto file = [&](const char* f) { return (dir_ / f).string(); };
    out += fmt::format(
        "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify_and_map: true }}\n",
        file("server.pem"), file("server.key"), file("ca.pem"));
  }
  if (servers_.size() == 1) return out;
  std::string routes;
  for (const Server& other : servers_)
    routes += fmt::format("\"nats://127.0.0.1:{}\", ", other.route);
  return out + fmt::format("cluster {{ name: c, listen: \"127.0.0.1:{}\", routes: [ {}] }}\n",
                           s.route, routes);
}

bool NatsServers::start() {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!start(i)) return false;
  }
  if (login_ == Login::kCertificate) return true;
  for (int i = 0; i < 200; ++i) {  // a cluster elects first
    revive();
    const json info = exchange(0, "admin", "$JS.API.INFO", "", "");
    if (info.is_object() && !info.contains("error")) return true;
    std::this_thread::sleep_for(100ms);
  }
  for (std::size_t i = 0; i < servers_.size(); ++i) std::fputs(last_lines(log(i)).c_str(), stderr);
  return false;
}

std::filesystem::path NatsServers::log(std::size_t which) const {
  return dir_ / fmt::format("n{}.log", which);
}

void NatsServers::run(std::size_t which) {
  const std::string file = dir_ / fmt::format("n{}.conf", which);
  const std::string log_file = log(which);
  std::ofstream(file) << config(which);
  servers_[which].pid = ::fork();
  if (servers_[which].pid != 0) return;
  for (const char* program : {"nats-server", "/usr/sbin/nats-server"})
    ::execlp(program, program, "-c", file.c_str(), "-l", log_file.c_str(), nullptr);
  ::_exit(127);
}

bool NatsServers::start(std::size_t which) {
  run(which);
  for (int i = 0; i < 1200; ++i) {
    Wire w(servers_[which].port);
    if (w.up() && w.line()) return true;
    if (ended(which)) run(which);
    std::this_thread::sleep_for(25ms);
  }
  std::fputs(last_lines(log(which)).c_str(), stderr);
  return false;
}

bool NatsServers::ended(std::size_t which) {
  Server& s = servers_[which];
  if (s.pid <= 0 || ::waitpid(s.pid, nullptr, WNOHANG) != s.pid) return false;
  s.pid = -1;
  return true;
}

bool NatsServers::revive() {
  bool any = false;
  for (std::size_t i = 0; i < servers_.size(); ++i) any = (ended(i) && start(i)) || any;
  return any;
}

void NatsServers::kill(std::size_t which) {
  Server& s = servers_[which];
  if (s.pid <= 0) return;
  ::kill(s.pid, SIGKILL);
  ::waitpid(s.pid, nullptr, 0);
  s.pid = -1;
  s.frozen = false;
}

namespace {

// Every thread of it, as the kernel says: on a busy machine the signal takes its time.
bool stopped(pid_t pid) {
  std::error_code e;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", e)) {
    std::ifstream in(task.path() / "stat");
    std::string line;
    std::getline(in, line);
    const auto after = line.rfind(") ");
    if (after == std::string::npos || line[after + 2] != 'T') return false;
  }
  return !e;
}

}  // namespace

void NatsServers::freeze(std::size_t which) {
  ::kill(servers_[which].pid, SIGSTOP);
  servers_[which].frozen = true;
  for (int i = 0; i < 500 && !stopped(servers_[which].pid); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

void NatsServers::thaw(std::size_t which) {
  ::kill(servers_[which].pid, SIGCONT);
  servers_[which].frozen = false;
}

node::JetStreamOptions NatsServers::options(const std::string& name, std::size_t first) const {
  node::JetStreamOptions o;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const Server& s = servers_[(first + i) % servers_.size()];
    o.servers.push_back(fmt::format("nats://127.0.0.1:{}", s.port));
  }
  o.name = name;
  o.replicas = static_cast<unsigned>(servers_.size());
  if (login_ == Login::kCertificate) {
    o.ca_file = dir_ / "ca.pem";
    o.cert_file = dir_ / (name + ".pem");
    o.key_file = dir_ / (name + ".key");
  } else {
    o.user = name;
    o.password_file = dir_ / (name + ".password");
  }
  return o;
}

json NatsServers::exchange(std::size_t which, const std::string& user, const std::string& subject,
                           const std::string& headers, const std::string& data) const {
  Wire w(servers_[which].port);
  if (!w.up() || !w.line()) return nullptr;
  const std::string inbox = "_INBOX_lotmark." + user + ".test";
  w.write(json{{"verbose", false},
               {"headers", true},
               {"no_responders", true},
               {"user", user},
               {"pass", user + "-secret"},
               {"lang", "test"},
               {"version", "1"}}
              .dump()
              .insert(0, "CONNECT ") +
          "\r\nSUB " + inbox + " 1\r\n");
  if (headers.empty()) {
    w.write(fmt::format("PUB {} {} {}\r\n{}\r\n", subject, inbox, data.size(), data));
  } else {
    const std::string head = "NATS/1.0\r\n" + headers + "\r\n";
    w.write(fmt::format("HPUB {} {} {} {}\r\n{}{}\r\n", subject, inbox, head.size(),
                        head.size() + data.size(), head, data));
  }
  while (const auto line = w.line()) {
    if (line->starts_with("PING")) w.write("PONG\r\n");
    if (line->starts_with("-ERR")) return nullptr;
    if (line->starts_with("HMSG")) return nullptr;  // nobody there
    if (!line->starts_with("MSG")) continue;
    return json::parse(w.bytes(std::stoul(line->substr(line->rfind(' ')))), nullptr, false);
  }
  return nullptr;
}

json NatsServers::request(const std::string& user, const std::string& subject,
                          const std::string& headers, const std::string& data) const {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].pid > 0 && !servers_[i].frozen)
      return exchange(i, user, subject, headers, data);
  }
  return nullptr;
}

json NatsServers::admin(const std::string& subject, const std::string& body) const {
  return request("admin", subject, "", body);
}

std::optional<std::size_t> NatsServers::leader(const std::string& stream) const {
  const json info = admin("$JS.API.STREAM.INFO." + stream);
  if (!info.is_object() || !info.contains("cluster")) return std::nullopt;
  const std::string name = info["cluster"].value("leader", "");
  if (name.size() != 2) return std::nullopt;
  return static_cast<std::size_t>(name[1] - '0');
}

}  // namespace lotmark::test
