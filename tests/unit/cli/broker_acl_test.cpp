// A real Mosquitto with the configuration of `ca init`: devices publish under their own name alone.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/free_ports.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

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

class BrokerAcl : public ::testing::Test {
 protected:
  void SetUp() override {
    const bool here = shell(
                          "PATH=$PATH:/usr/sbin; command -v mosquitto && command -v mosquitto_pub "
                          "&& command -v mosquitto_sub")
                          .exit == 0;
    if (!here)
      GTEST_SKIP() << "mosquitto or mosquitto-clients is not installed: THE ACL WAS NOT TESTED";
    port_ = lotmark::test::free_port();
    const Ran made =
        lotmark({"ca", "init", description(dir_, "port = 7883", "port = " + std::to_string(port_)),
                 "--out", dir_ / "c"});
    ASSERT_EQ(made.exit, 0) << made.err;
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::string conf = dir_ / "c/brokers/broker-1/mosquitto.conf";
      ::execl("/usr/sbin/mosquitto", "mosquitto", "-c", conf.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 200 && !listens(port_); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    ASSERT_TRUE(listens(port_));
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::string tls(const std::string& who) const {
    return " -V 5 -q 1 -h 127.0.0.1 -p " + std::to_string(port_) + " --cafile " +
           (dir_ / "c/ca/ca.crt") + " --cert " + (dir_ / ("c/" + who + "/tls.crt")) + " --key " +
           (dir_ / ("c/" + who + "/tls.key"));
  }
  Ran publish(const std::string& who, const std::string& topic) const {
    return shell("timeout 10 mosquitto_pub -d -m x -t " + topic + tls(who));
  }

  TempDir dir_;
  int port_ = 0;
  pid_t pid_ = -1;
};

// MQTT 5 answers a refused publish with reason 135 (not authorised).
TEST_F(BrokerAcl, BundleUnderAnotherDevicesTopicIsRefused) {
  EXPECT_THAT(publish("devices/fridge-1", "lotmark/v1/hualin/fridge-2/bundle").out,
              HasSubstr("RC:135"));
  const Ran own = publish("devices/fridge-1", "lotmark/v1/hualin/fridge-1/bundle");
  EXPECT_EQ(own.exit, 0) << own.out;
  EXPECT_EQ(own.out.find("RC:135"), std::string::npos) << own.out;
}

TEST_F(BrokerAcl, StartSignalPassesItsGatewayAndNoOther) {
  EXPECT_EQ(publish("devices/fridge-1", "lotmark/v1/hualin/filler-1/start").out.find("RC:135"),
            std::string::npos);
  EXPECT_THAT(publish("devices/fridge-1", "lotmark/v1/hualin/filler-1/bundle").out,
              HasSubstr("RC:135"));
  EXPECT_THAT(publish("devices/fridge-2", "lotmark/v1/hualin/filler-1/start").out,
              HasSubstr("RC:135"));
}

TEST_F(BrokerAcl, NodesPublishAcksAndNoDeviceDoes) {
  EXPECT_EQ(publish("members/hualin-node", "lotmark/v1/hualin/fridge-1/ack").out.find("RC:135"),
            std::string::npos);
  EXPECT_THAT(publish("members/hualin-node", "lotmark/v1/hualin/fridge-1/bundle").out,
              HasSubstr("RC:135"));
  EXPECT_THAT(publish("devices/fridge-1", "lotmark/v1/hualin/fridge-1/ack").out,
              HasSubstr("RC:135"));
  EXPECT_THAT(publish("members/agency-1", "lotmark/v1/hualin/fridge-1/ack").out,
              HasSubstr("RC:135"));
}

// A subscription that ACLs do not cover is taken, but nothing comes: the node hears the bundle, the reviewer
// and another device do not.
TEST_F(BrokerAcl, BundlesReachTheOwnNodeAlone) {
  const auto hears = [&](const std::string& who) {
    return shell("timeout 3 mosquitto_sub -C 1 -W 2 -t 'lotmark/v1/hualin/+/bundle'" + tls(who) +
                 " & s=$!; sleep 0.7; "
                 "mosquitto_pub -m heard -t lotmark/v1/hualin/fridge-1/bundle" +
                 tls("devices/fridge-1") + "; wait $s");
  };
  EXPECT_THAT(hears("members/hualin-node").out, HasSubstr("heard"));
  EXPECT_EQ(hears("members/institute-a-node").out.find("heard"), std::string::npos);
  EXPECT_EQ(hears("devices/fridge-2").out.find("heard"), std::string::npos);
}

TEST_F(BrokerAcl, NobodyConnectsWithoutACertificate) {
  const Ran ran = shell(
      "timeout 10 mosquitto_pub -d -m x -t lotmark/v1/hualin/fridge-1/bundle -h 127.0.0.1 -p " +
      std::to_string(port_) + " --cafile " + (dir_ / "c/ca/ca.crt"));
  EXPECT_NE(ran.exit, 0) << ran.out;
}

}  // namespace
}  // namespace lotmark::cli::test
