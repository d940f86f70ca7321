// The agent's program on a real broker, against a scripted node; a test adds its sources and what they read.
#pragma once

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/hex.h"
#include "tests/integration/bus/broker.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent::test {

// A program of its own process group; it ends with the test.
class Child {
 public:
  ~Child() { end(); }
  void start(const std::vector<std::string>& command) {
    end();
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::setpgid(0, 0);
    std::vector<char*> argv;
    for (const auto& a : command) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  void signal(int number) const {
    if (pid_ > 0) ::kill(-pid_, number);
  }
  void end() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);  // before it has a group
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

class AgentProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.start());
    const Scalar key = new_scalar();
    ASSERT_TRUE(write_key_file(dir_ / "record.key", key));
    signer_ = std::move(*signer_mbedtls(key.view()));
    auto bus = bus::make_paho(broker_.client("node"));
    ASSERT_TRUE(bus);
    node_ = std::make_unique<ScriptedNode>(std::move(*bus), signer_->public_key());
    ASSERT_TRUE(eventually([&] { return node_->bus().connected(); }));
  }

  // `sources` is TOML; `host` is where the program finds the broker.
  std::string write_config(const std::string& sources, const std::string& host = "127.0.0.1") {
    const auto tls = broker_.client("line-1");
    return dir_.write("agent.toml",
                      fmt::format(R"([agent]
organisation = "acme"
device = "line-1"
state_dir = "{}"
chain = "{}"
bundle_s = 1
log_level = "warn"
[key]
file = "{}"
[broker]
url = "ssl://{}:{}"
ca = "{}"
cert = "{}"
key = "{}"
[node]
enterprise = ["{}"]
)",
                                  dir_ / "state", to_hex(chain()), dir_ / "record.key", host,
                                  broker_.port(), tls.ca_file, tls.cert_file, tls.key_file,
                                  to_hex(node_->enterprise().public_key())) +
                          sources);
  }
  // `before` stands before the program on its command line.
  void start_agent(const std::string& sources, std::vector<std::string> before = {}) {
    const auto file = write_config(sources);
    before.push_back(std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent");
    before.insert(before.end(), {"--config", file});
    agent_.start(before);
  }
  // Values of a channel as they came, without their times.
  std::vector<std::int64_t> values(const std::string& channel) {
    std::vector<std::int64_t> out;
    const auto series = node_->series();  // a copy, which must outlive the loop
    const auto found = series.find(channel);
    if (found == series.end()) return out;
    for (const auto& [t, v] : found->second) out.push_back(v);
    return out;
  }
  bool came(const std::string& channel, std::int64_t value) {
    return eventually([&] { return std::ranges::count(values(channel), value) > 0; });
  }
  // How often the node was told that the channel's sensor was lost.
  std::size_t lost(const std::string& channel) {
    return static_cast<std::size_t>(std::ranges::count(
        node_->gaps()[channel], static_cast<std::int64_t>(GapReason::kSensorLost),
        [](const auto& gap) { return gap.second; }));
  }

  lotmark::test::Broker broker_;
  TempDir dir_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<ScriptedNode> node_;
  Child agent_;
};

}  // namespace lotmark::agent::test
