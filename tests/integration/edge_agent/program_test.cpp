// The program itself on a real broker, against a scripted node: killed, cut off, refused.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "core/base/hex.h"
#include "tests/integration/bus/broker.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;
using test::eventually;

constexpr std::int64_t kT0 = 1767600000000;

class ProgramTest : public testing::TestWithParam<lotmark::test::BrokerKind> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.start());
    const Scalar key = new_scalar();
    ASSERT_TRUE(write_key_file(dir_ / "record.key", key));
    signer_ = std::move(*signer_mbedtls(key.view()));
    auto options = broker_.client("node");
    options.window = 1000;
    auto bus = bus::make_paho(options);
    ASSERT_TRUE(bus);
    node_ = std::make_unique<test::ScriptedNode>(std::move(*bus), signer_->public_key());
    ASSERT_TRUE(eventually([&] { return node_->bus().connected(); }));
  }
  void TearDown() override { kill_agent(); }

  // One reading a second in two channels, the second with a hole at every tenth.
  std::string input(int rows) {
    std::string text = "time,cold,damp\n";
    for (int i = 0; i < rows; ++i) {
      text += fmt::format("{},{},{}\n", to_iso(from_ms(kT0 + i * 1000)), i,
                          i % 10 == 9 ? "NA" : std::to_string(-i));
    }
    return dir_.write("input.csv", text);
  }
  std::string config(int rows, const std::string& pace) {
    const auto tls = broker_.client("line-1");
    return dir_.write("agent.toml",
                      fmt::format(R"([agent]
organisation = "acme"
device = "line-1"
state_dir = "{}"
chain = "{}"
bundle_s = 10
exit_when_done = true
log_level = "warn"
[key]
file = "{}"
[broker]
url = "{}"
ca = "{}"
cert = "{}"
key = "{}"
[outbox]
resend_s = 1
[node]
enterprise = ["{}"]
[[source]]
name = "file"
type = "replay"
file = "{}"
time = {{format = "iso", column = "time"}}
columns = [{{column = "cold", unit = "Cel", exp = 0}}, {{column = "damp", unit = "%RH", exp = 0}}]
pace = "{}"
)",
                                  dir_ / "state", to_hex(test::chain()), dir_ / "record.key",
                                  tls.url, tls.ca_file, tls.cert_file, tls.key_file,
                                  to_hex(node_->enterprise().public_key()), input(rows), pace));
  }
  void start_agent(const std::string& file) {
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::string program = std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent";
      ::execl(program.c_str(), program.c_str(), "--config", file.c_str(), nullptr);
      ::_exit(127);
    }
  }
  void kill_agent(int signal = SIGKILL) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  // Its exit code; -1 if it did not end in time.
  int wait_agent(std::chrono::milliseconds limit) {
    int status = 0;
    if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, limit)) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void expect_everything(int rows) {
    auto series = node_->series();
    ASSERT_EQ(series["cold"].size(), static_cast<std::size_t>(rows));
    for (int i = 0; i < rows; ++i) {
      EXPECT_EQ(series["cold"][static_cast<std::size_t>(i)],
                (std::pair<std::uint64_t, std::int64_t>(kT0 + i * 1000, i)));
    }
    EXPECT_EQ(series["damp"].size(), static_cast<std::size_t>(rows - rows / 10));
    EXPECT_EQ(node_->gaps()["damp"].size(), static_cast<std::size_t>(rows / 10));
    EXPECT_EQ(node_->refused(), 0u);
  }

  lotmark::test::Broker broker_{GetParam()};
  test::TempDir dir_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<test::ScriptedNode> node_;
  pid_t pid_ = -1;
};

INSTANTIATE_TEST_SUITE_P(Brokers, ProgramTest,
                         testing::Values(lotmark::test::BrokerKind::kMosquitto,
                                         lotmark::test::BrokerKind::kNats),
                         [](const auto& info) { return lotmark::test::name(info.param); });

TEST_P(ProgramTest, ReplaysAFileAndEndsWithZero) {
  start_agent(config(5000, "max"));
  EXPECT_EQ(wait_agent(30s), 0);
  expect_everything(5000);
  EXPECT_TRUE(eventually([&] { return !node_->births().empty() && node_->births().back().gone; }));
}

TEST_P(ProgramTest, RenewsItsCertificateAndComesBackWithTheNewOne) {
  const auto tls = broker_.client("line-1");
  const auto file = config(1200, "400x");
  const std::string folder = std::filesystem::path(tls.ca_file).parent_path();
  std::ofstream(file, std::ios::app) << fmt::format(
      "[renewal]\nat_percent = 0\ncommand = [\"/bin/sh\", \"-c\", \"cd {} && openssl x509 -req "
      "-in /dev/stdin -CA ca.pem -CAkey ca.key -CAcreateserial -days 2\"]\n",
      folder);
  const auto content = [](const std::string& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string old_key = content(tls.key_file);
  start_agent(file);
  ASSERT_TRUE(eventually([&] { return content(tls.key_file) != old_key; }));
  broker_.kill();  // the next connection is made with the new pair
  ASSERT_TRUE(broker_.start());
  EXPECT_EQ(wait_agent(60s), 0);
  expect_everything(1200);
}

TEST_P(ProgramTest, KilledAtRandomMomentsEachReadingIsInOneBundle) {
  const auto file = config(8000, "2000x");
  std::mt19937 random(20260105);
  for (int round = 0; round < 12; ++round) {
    start_agent(file);
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 400));
    kill_agent();
  }
  start_agent(file);
  EXPECT_EQ(wait_agent(60s), 0);
  expect_everything(8000);
}

TEST_P(ProgramTest, ABrokerThatDiesAndComesBackLosesNothing) {
  start_agent(config(6000, "2000x"));
  for (int round = 0; round < 2; ++round) {
    const auto before = node_->through();
    ASSERT_TRUE(eventually([&] { return node_->through() > before + 10; }));
    broker_.kill();
    std::this_thread::sleep_for(300ms);
    ASSERT_TRUE(broker_.start());
  }
  EXPECT_EQ(wait_agent(60s), 0);
  expect_everything(6000);
}

TEST_P(ProgramTest, ANodeThatLosesAndKeepsSilentForAWhileGetsAllInTheEnd) {
  node_->mute(true);
  node_->lose(20);
  start_agent(config(3000, "max"));
  ASSERT_TRUE(eventually([&] { return node_->arrived() > 60; }));
  node_->mute(false);
  EXPECT_EQ(wait_agent(60s), 0);
  expect_everything(3000);
}

TEST_P(ProgramTest, SigtermKeepsItsPlaceAndASecondRunGoesOn) {
  const auto file = config(3000, "1000x");
  start_agent(file);
  ASSERT_TRUE(eventually([&] { return node_->through() > 20; }));
  ::kill(pid_, SIGTERM);
  EXPECT_EQ(wait_agent(10s), 0);
  start_agent(file);
  EXPECT_EQ(wait_agent(60s), 0);
  expect_everything(3000);
}

TEST_P(ProgramTest, ExitCodesAreThoseOfTheManual) {
  const std::string program = std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent";
  const auto code = [&](const std::string& arguments) {
    return WEXITSTATUS(std::system((program + " " + arguments + " >/dev/null 2>&1").c_str()));
  };
  const auto file = config(10, "max");
  EXPECT_EQ(code("--help"), 0);
  EXPECT_EQ(code("--version"), 0);
  EXPECT_EQ(code("--config " + file + " --check-config"), 0);
  EXPECT_EQ(code("--config " + file + " --print-config"), 0);
  EXPECT_EQ(code(""), 2);
  EXPECT_EQ(code("--config " + std::string(dir_ / "none.toml")), 2);
  EXPECT_EQ(code("--config " + dir_.write("bad.toml", "x = 1\n")), 2);
  std::filesystem::create_directories(dir_ / "state");
  for (const char* name : {"outbox.db", "outbox.db.damaged-1", "outbox.db.damaged-2"})
    std::ofstream(dir_ / (std::string("state/") + name)) << std::string(8192, 'x');
  EXPECT_EQ(code("--config " + file), 3);
}

}  // namespace
}  // namespace lotmark::agent
