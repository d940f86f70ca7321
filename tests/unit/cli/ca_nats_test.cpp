// `lotmark ca init` with NATS servers: what their files say, who may do what, and which descriptions are refused. Real
// servers judge the same files in tests/integration/nats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string server(int n, const std::string& more = {}) {
  const std::string i = std::to_string(n);
  return "\n[[nats.servers]]\nname = \"nats-" + i + "\"\norganisation = \"agency-" + i +
         "\"\nclient_port = 780" + i + "\nmqtt_port = 781" + i + "\ncluster_port = 782" + i + "\n" +
         more;
}

// The sample with NATS in it; `broker` stands in place of the broker's port.
Ran init(const TempDir& dir, const std::string& servers, const std::string& top,
         const std::string& broker = "nats = \"nats-1\"") {
  const std::string file = description(dir, "port = 7883", broker);
  write(file, top + "\n" + read(file) + servers);
  return lotmark({"ca", "init", file, "--out", dir / "c"});
}

constexpr const char* kJetstream = "ordering = \"jetstream\"";

// From `user` to the next one.
std::string user_of(const std::string& conf, const std::string& name) {
  const auto at = conf.find("user: \"CN=" + name + "\"");
  EXPECT_NE(at, std::string::npos) << name;
  if (at == std::string::npos) return "";
  return conf.substr(at, conf.find("user: ", at + 1) - at);
}

class CaNats : public ::testing::Test {
 protected:
  void SetUp() override {
    const Ran ran = init(dir_, server(1) + server(2) + server(3), kJetstream);
    ASSERT_EQ(ran.exit, 0) << ran.err;
    conf_ = read(dir_ / "c/nats/nats-1/nats-server.conf");
  }
  TempDir dir_;
  std::string conf_;
};

TEST_F(CaNats, OnlyAdministratorsMayEmptyAStream) {
  for (const char* who : {"agency-1/agency-1", "agency-2/agency-2", "agency-3/agency-3"}) {
    const std::string user = user_of(conf_, who);
    EXPECT_THAT(user, HasSubstr("\"lotmark.order.block\""));
    for (const char* verb : {"PURGE", "STREAM.DELETE", "UPDATE", "MSG.DELETE", "RESTORE", "META",
                             "LEADER", "SERVER", "\">\"", "$JS.API.>"}) {
      EXPECT_THAT(user, Not(HasSubstr(verb))) << who;
    }
  }
  const std::string admin = user_of(conf_, "nats-admin/agency-1");
  EXPECT_THAT(admin, HasSubstr("STREAM.PURGE.LOTMARK_ORDER"));
  EXPECT_THAT(admin, Not(HasSubstr("lotmark.order.block")));
}

TEST_F(CaNats, DeviceGetsTheTopicsOfMosquittosAcl) {
  EXPECT_THAT(user_of(conf_, "hualin/fridge-1"),
              HasSubstr("publish: { allow: [\n"
                        "          \"lotmark.v1.hualin.fridge-1.bundle\",\n"
                        "          \"lotmark.v1.hualin.fridge-1.start\",\n"
                        "          \"lotmark.v1.hualin.fridge-1.state\",\n"
                        "          \"lotmark.v1.hualin.filler-1.start\",\n"
                        "          \"lotmark.v1.hualin.filler-1.state\" ] }"));
  EXPECT_THAT(user_of(conf_, "hualin/fridge-1"), HasSubstr("[\"MQTT\"]"));
  EXPECT_THAT(user_of(conf_, "institute-a/institute-a-node"),
              HasSubstr("\"lotmark.v1.*.*.start\",\n          \"$MQTT.sub.>\""));
}

// The own organisation's server comes first.
TEST_F(CaNats, OnlySupervisingNodesAreToldOfTheOrder) {
  const std::string toml = read(dir_ / "c/members/agency-2/node.toml");
  EXPECT_THAT(toml, HasSubstr("ordering = \"jetstream\""));
  EXPECT_THAT(toml,
              HasSubstr("[order]\nservers = [\"tls://127.0.0.1:7802\", \"tls://127.0.0.1:7803\", "
                        "\"tls://127.0.0.1:7801\"]\nca = \"../../ca/ca.crt\"\ncert = \"tls.crt\"\n"
                        "key = \"tls.key\"\nreplicas = 3\n"));
  const std::string keeping = read(dir_ / "c/members/hualin-node/node.toml");
  EXPECT_THAT(keeping, Not(HasSubstr("[order]")));
  EXPECT_THAT(keeping, HasSubstr("url = \"ssl://127.0.0.1:7811\""));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "c/brokers"));
}

TEST(CaNatsDescription, WithoutServersNothingOfItIsMade) {
  for (const char* path : {"c/nats", "c/nats-admins", "c/routes"})
    EXPECT_FALSE(std::filesystem::exists(consortium() / path)) << path;
  EXPECT_THAT(read(consortium() / "c/members/agency-1/node.toml"),
              HasSubstr("ordering = \"local\""));
}

TEST(CaNatsDescription, DevicesAloneGetNoLedger) {
  const TempDir dir;
  ASSERT_EQ(init(dir, server(1), "").exit, 0);
  const std::string conf = read(dir / "c/nats/nats-1/nats-server.conf");
  EXPECT_THAT(conf, Not(HasSubstr("LEDGER")));
  EXPECT_FALSE(std::filesystem::exists(dir / "c/nats-admins/agency-1/tls.crt"));
}

TEST(CaNatsDescription, FaultsAreNamed) {
  struct Case {
    std::string servers;
    std::string top;
    std::string broker;
    const char* fault;
  };
  const std::string three = server(1) + server(2) + server(3);
  const Case cases[] = {
      {"", kJetstream, "port = 7883", "jetstream needs [[nats.servers]]"},
      {"", "ordering = \"raft\"", "port = 7883", "none of local, jetstream"},
      {server(1), "", "port = 7883", "nothing uses it"},
      {server(1) + server(2), kJetstream, "port = 7883", "1, 3 or more"},
      {three + "[nats]\nreplicas = 2\n", kJetstream, "port = 7883", "must be 1, 3 or 5"},
      {server(1) + "[nats]\nreplicas = 3\n", kJetstream, "port = 7883", "no more than the servers"},
      {three + server(9), kJetstream, "port = 7883", "\"agency-9\" has no supervising member"},
      {three, kJetstream, "nats = \"nats-7\"", "no server \"nats-7\""},
      {three, kJetstream, "nats = \"nats-1\"\nport = 7883", "port: is no key known here"},
      {three + server(2), kJetstream, "port = 7883", "stands on line"},
      {three + "\n[[operators]]\nname = \"x\"\norganisation = \"nats-admin\"\n", kJetstream,
       "port = 7883", "\"nats-admin\" is a name of the NATS servers"},
  };
  for (const auto& c : cases) {
    const TempDir dir;
    const Ran ran = init(dir, c.servers, c.top, c.broker);
    EXPECT_EQ(ran.exit, 2) << c.fault;
    EXPECT_THAT(ran.err, HasSubstr(c.fault));
  }
}

}  // namespace
}  // namespace lotmark::cli::test
