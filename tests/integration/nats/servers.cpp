#include "tests/integration/nats/servers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/ca/init.h"
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

std::string http_get(int port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const sockaddr_in a = loopback(port);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) {
    const std::string ask = "GET " + path + " HTTP/1.0\r\n\r\n";
    if (::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL) > 0) {
      char chunk[4096];
      for (ssize_t n; (n = ::recv(fd, chunk, sizeof chunk, 0)) > 0;)
        answer.append(chunk, static_cast<std::size_t>(n));
    }
  }
  ::close(fd);
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

std::string log_of(const std::filesystem::path& conf) { return conf.string() + ".log"; }

void end(pid_t pid) {
  if (pid <= 0) return;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

std::vector<NatsServers::Ports> free_nats_ports(int count) {
  const auto all = free_ports(static_cast<std::size_t>(count) * 4);
  std::vector<NatsServers::Ports> out;
  for (std::size_t i = 0; i < all.size(); i += 4)
    out.push_back({all[i], all[i + 1], all[i + 2], all[i + 3]});
  return out;
}

std::string nats_description(const std::vector<NatsServers::Ports>& ports,
                             const std::string& ordering, bool mqtt, int store_mb) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/samples/vaccines/consortium.toml");
  std::stringstream sample;
  sample << in.rdbuf();
  std::string text = sample.str();
  if (mqtt) text.replace(text.find("port = 7883"), 11, "nats = \"nats-1\"");
  text = "ordering = \"" + ordering + "\"\n" + text +
         "\n[nats]\nstore_mb = " + std::to_string(store_mb) + "\n";
  for (std::size_t i = 0; i < ports.size(); ++i) {
    text += fmt::format(
        "\n[[nats.servers]]\nname = \"nats-{0}\"\norganisation = \"agency-{0}\"\nclient_port = "
        "{1}\n"
        "cluster_port = {2}\nmqtt_port = {3}\nmonitor_port = {4}\n",
        i + 1, ports[i].client, ports[i].cluster, ports[i].mqtt, ports[i].monitor);
  }
  return text;
}

bool nats_accepts(const std::filesystem::path& conf) {
  return shell("PATH=$PATH:/usr/sbin; nats-server -t -c " + conf.string());
}

NatsServers::NatsServers(int count, int store_mb)
    : ports_(free_nats_ports(count)), pids_(ports_.size(), -1) {
  const auto file = dir_ / "consortium.toml";
  std::ofstream(file) << nats_description(ports_, "jetstream", true, store_mb);
  const auto founded = cli::found_consortium(file, dir_ / "c", SystemClock().now());
  EXPECT_TRUE(founded) << founded.error().message();
}

NatsServers::~NatsServers() {
  for (const pid_t pid : pids_) end(pid);
  for (const pid_t pid : others_) end(pid);
}

std::filesystem::path NatsServers::conf(int server) const {
  return *this / ("nats/nats-" + std::to_string(server + 1) + "/nats-server.conf");
}
std::filesystem::path NatsServers::store(int server) const {
  return *this / ("nats/nats-" + std::to_string(server + 1) + "/data");
}

pid_t NatsServers::run(const std::filesystem::path& conf) const {
  const std::string log = log_of(conf);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is cut off leaves no server
  if (std::freopen(log.c_str(), "a", stderr) != nullptr) {
    ::execlp("nats-server", "nats-server", "-c", conf.c_str(), nullptr);
    ::execl("/usr/sbin/nats-server", "nats-server", "-c", conf.c_str(), nullptr);
  }
  ::_exit(127);
}

void NatsServers::start(int server) { pids_[static_cast<std::size_t>(server)] = run(conf(server)); }

void NatsServers::start_with(const std::filesystem::path& conf) { others_.push_back(run(conf)); }

bool NatsServers::start_all() {
  for (int i = 0; i < count(); ++i) start(i);
  const bool well = eventually([this] {
    revive();
    for (int i = 0; i < count(); ++i) {
      if (!healthy(i)) return false;
    }
    return true;
  });
  for (int i = 0; i < count() && !well; ++i)
    std::fputs(last_lines(log_of(conf(i))).c_str(), stderr);
  return well;
}

void NatsServers::revive() {
  for (int i = 0; i < count(); ++i) {
    const pid_t pid = pids_[static_cast<std::size_t>(i)];
    if (pid > 0 && ::waitpid(pid, nullptr, WNOHANG) == pid) start(i);
  }
}

void NatsServers::kill(int server) {
  end(pids_[static_cast<std::size_t>(server)]);
  pids_[static_cast<std::size_t>(server)] = -1;
}

void NatsServers::reload(int server) { ::kill(pids_[static_cast<std::size_t>(server)], SIGHUP); }

bool NatsServers::healthy(int server) const {
  const auto health = page(server, "/healthz");
  if (!health.is_object() || health.value("status", "") != "ok") return false;
  if (count() == 1) return true;
  const auto js = page(server, "/jsz");
  return js.is_object() && js.contains("meta_cluster") &&
         !js["meta_cluster"].value("leader", "").empty() &&
         js["meta_cluster"].value("cluster_size", 0) == count();
}

nlohmann::json NatsServers::page(int server, const std::string& path) const {
  return nlohmann::json::parse(http_get(ports(server).monitor, path), nullptr, false);
}

std::vector<std::string> NatsServers::client_urls() const {
  std::vector<std::string> urls;
  for (const auto& p : ports_) urls.push_back("tls://127.0.0.1:" + std::to_string(p.client));
  return urls;
}

bus::PahoOptions NatsServers::mqtt(const std::string& who, int server) const {
  bus::PahoOptions o;
  o.url = "ssl://127.0.0.1:" + std::to_string(ports(server).mqtt);
  o.client_id = who.substr(who.find('/') + 1);
  o.ca_file = *this / "ca/ca.crt";
  o.cert_file = *this / (who + "/tls.crt");
  o.key_file = *this / (who + "/tls.key");
  return o;
}

}  // namespace lotmark::test
