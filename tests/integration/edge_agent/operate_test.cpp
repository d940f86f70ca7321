// What who runs a gateway does beside the running agent, on a real broker.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/free_ports.h"
#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent::test {
namespace {

class OperateTest : public AgentProgramTest {
 protected:
  static constexpr const char* kProbe = R"(
[[source]]
name = "probe"
type = "exec"
command = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo '[{\"n\":\"count\",\"v\":'$i'}]'; sleep 0.1; done"]
exp = 0
)";
  // Exit code of the program with these arguments; what it prints is in `said_`.
  int ask(const std::string& arguments) {
    const int status =
        std::system((std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent --config " +
                     (dir_ / "agent.toml") + " " + arguments + " >" + (dir_ / "said") + " 2>&1")
                        .c_str());
    std::stringstream text;
    text << std::ifstream(dir_ / "said").rdbuf();
    said_ = text.str();
    return WEXITSTATUS(status);
  }
  std::map<std::string, std::string> marks() {
    std::map<std::string, std::string> out;
    const auto all = nlohmann::json::parse(said_);
    for (const auto& f : all["findings"]) out[f["name"]] = f["mark"];
    return out;
  }
  std::string said_;
};

TEST_F(OperateTest, CheckBesideARunningAgentHearsItsAcks) {
  start_agent(kProbe);
  // An ack is committed with the bundle behind it.
  ASSERT_TRUE(eventually([&] { return node_->through() > 2; }));
  EXPECT_LE(ask("check --json --wait 20"), 1) << said_;  // the test machine's clock may be free
  const auto m = marks();
  for (const char* name : {"config", "key", "disk", "source.probe", "broker", "ack.live"}) {
    EXPECT_EQ(m.at(name), "ok") << name << " in " << said_;
  }
  for (const char* name : {"broker.ca", "broker.cert"}) {  // the fixture's are good for two days
    EXPECT_EQ(m.at(name), "warning") << said_;
  }
  EXPECT_NE(said_.find("newest through"), std::string::npos) << said_;
  const auto before = node_->through();
  EXPECT_TRUE(eventually([&] { return node_->through() > before; })) << "the agent goes on";
}

TEST_F(OperateTest, ServiceManagerHearsOfStartWorkAndEnd) {
  const std::string path = dir_ / "notify";
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  path.copy(a.sun_path, sizeof a.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
  std::vector<std::string> heard;
  const auto hears = [&](const std::string& word) {
    return eventually([&] {
      char text[64];
      const auto n = ::recv(fd, text, sizeof text, MSG_DONTWAIT);
      if (n > 0) heard.emplace_back(text, static_cast<std::size_t>(n));
      return std::ranges::count(heard, word) > 0;
    });
  };
  start_agent(kProbe, {"env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=1000000"});
  EXPECT_TRUE(hears("READY=1"));
  EXPECT_TRUE(hears("WATCHDOG=1"));
  ::kill(agent_.pid(), SIGTERM);
  EXPECT_TRUE(hears("STOPPING=1"));
  ::close(fd);
}

TEST_F(OperateTest, MetricsTellWhatWasAcked) {
  const int port = lotmark::test::free_port();
  start_agent("[metrics]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n" + kProbe);
  ASSERT_TRUE(eventually([&] { return node_->through() > 1; }));
  const auto page = [&](const std::string& path) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(static_cast<std::uint16_t>(port));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string out;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0) {
      const std::string ask = "GET " + path + " HTTP/1.0\r\n\r\n";
      (void)::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL);
      char some[4096];
      for (ssize_t n; (n = ::recv(fd, some, sizeof some, 0)) > 0;) {
        out.append(some, static_cast<std::size_t>(n));
      }
    }
    ::close(fd);
    return out;
  };
  EXPECT_TRUE(eventually([&] {
    const auto text = page("/metrics");
    return text.find("lotmark_agent_connected 1\n") != std::string::npos &&
           text.find("lotmark_agent_acks_total 0\n") == std::string::npos &&
           text.find("lotmark_agent_cert_expiry_seconds{broker=\"devices\"} 1") !=
               std::string::npos &&
           text.find("lotmark_agent_sign_seconds_count 0\n") == std::string::npos;
  })) << page("/metrics");
  EXPECT_TRUE(page("/healthz").ends_with("ok\n"));
}

TEST_F(OperateTest, DiagHoldsWhatSupportNeedsAndNoSecret) {
  start_agent("[alarms]\nurl = \"tcp://127.0.0.1:1\"\n" + std::string(kProbe) +
              "[[alarm]]\nname = \"a\"\nchannel = \"count\"\nabove = 1000000\n"
              "webhook = \"https://mei:hunter2@alerts.example/hook?token=hunter3\"\n"
              "run = [\"siren\", \"--password\", \"hunter4\"]\n");
  ASSERT_TRUE(eventually([&] { return node_->through() > 0; }));
  const std::string out = dir_ / "diag.tar.gz";
  ASSERT_EQ(ask("diag --out " + out), 0) << said_;
  EXPECT_EQ(std::filesystem::status(out).permissions(), std::filesystem::perms(0600));
  ASSERT_EQ(std::system(("tar -C " + dir_.path().string() + " -xzf " + out).c_str()), 0);
  const auto all = [&](const std::string& name) {
    std::stringstream text;
    text << std::ifstream(dir_ / ("lotmark-diag/" + name)).rdbuf();
    return text.str();
  };
  const auto config = all("config.toml");
  EXPECT_NE(config.find("https://(removed)@alerts.example/(removed)\""), std::string::npos)
      << config;
  EXPECT_NE(config.find("\"siren\", \"(arguments removed)\""), std::string::npos) << config;
  EXPECT_NE(config.find(dir_ / "record.key"), std::string::npos) << "its path, not what is in it";
  EXPECT_EQ(config.find("hunter"), std::string::npos) << config;
  EXPECT_NE(all("outbox.txt").find("seq "), std::string::npos);
  EXPECT_NE(all("machine.txt").find("lotmark-edge-agent"), std::string::npos);
  EXPECT_FALSE(nlohmann::json::parse(all("check.json"))["findings"].empty());
  EXPECT_EQ(ask("diag --out " + out), 2) << "what is there is left alone";
}

TEST_F(OperateTest, CheckNamesWhatIsWrongAndEndsWithTwo) {
  start_agent(kProbe);
  ASSERT_TRUE(eventually([&] { return node_->through() > 0; }));
  broker_.kill();
  EXPECT_EQ(ask("check --json"), 2);
  EXPECT_EQ(marks().at("broker"), "fault") << said_;
  EXPECT_EQ(marks().at("key"), "ok") << said_;
}

TEST_F(OperateTest, CheckRefusesABrokerOfAnotherAuthority) {
  start_agent(kProbe);
  const lotmark::test::Broker other;
  std::stringstream text;
  text << std::ifstream(dir_ / "agent.toml").rdbuf();
  std::string config = text.str();
  const auto ca = broker_.ca_file();
  config.replace(config.find(ca), ca.size(), other.ca_file());
  dir_.write("agent.toml", config);
  EXPECT_EQ(ask("check --json"), 2);
  EXPECT_EQ(marks().at("broker"), "fault");
  EXPECT_NE(said_.find("the broker's certificate"), std::string::npos) << said_;
}

TEST_F(OperateTest, CheckOfABadConfigurationIsAFault) {
  dir_.write("agent.toml", "[agent]\n");
  EXPECT_EQ(ask("check --json"), 2);
  EXPECT_EQ(marks().at("config"), "fault");
  EXPECT_NE(said_.find("agent.toml:1"), std::string::npos) << said_;
}

}  // namespace
}  // namespace lotmark::agent::test
