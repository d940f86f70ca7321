// The configurations themselves: taken by the server, one cluster, and nobody in it who is no server.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "cli/ca/init.h"
#include "tests/integration/nats/client.h"

namespace lotmark::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

int routes(const NatsServers& servers, int server) {
  return servers.page(server, "/routez").value("num_routes", -1);
}

TEST(NatsServersTest, TheServerTakesEveryWayOfUsingIt) {
  int n = 0;
  const TempDir dir;
  for (const int count : {1, 3, 5}) {
    for (const char* ordering : {"jetstream", "local"}) {
      for (const bool mqtt : {true, false}) {
        if (!mqtt && std::string(ordering) == "local") continue;  // nothing would use it
        const auto file = dir / "consortium.toml";
        auto text = nats_description(free_nats_ports(count), ordering, mqtt);
        for (int i = 4; i <= count; ++i) {  // the sample has three agencies
          text = replaced(text, "organisation = \"agency-" + std::to_string(i) + "\"",
                          "organisation = \"agency-1\"");
        }
        std::ofstream(file) << text;
        const auto out = dir / std::to_string(++n);
        const auto founded = cli::found_consortium(file, out, SystemClock().now());
        ASSERT_TRUE(founded) << founded.error().message();
        for (int i = 1; i <= count; ++i) {
          const auto conf = out / ("nats/nats-" + std::to_string(i)) / "nats-server.conf";
          EXPECT_TRUE(nats_accepts(conf)) << text_of(conf);
        }
      }
    }
  }
}

TEST(NatsServersTest, ThreeBecomeOneClusterAndHearEachOther) {
  NatsServers servers;
  ASSERT_TRUE(servers.start_all());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(eventually([&] { return routes(servers, i) == 2; })) << i;
}

// A member, a device or a broker has a certificate of the consortium's CA. As a route it could write into any account.
TEST(NatsServersTest, MembersCertificateMakesNoRoute) {
  NatsServers servers;
  ASSERT_TRUE(servers.start_all());
  const auto more = free_nats_ports(2);
  const auto rogue = [&](const std::string& name, const NatsServers::Ports& ports,
                         const std::string& own) {
    std::string text = text_of(servers.conf(0));
    const auto& p = servers.ports(0);
    text = replaced(text, "\"nats-1\"", "\"" + name + "\"");
    text = replaced(text, ":" + std::to_string(p.client), ":" + std::to_string(ports.client));
    text = replaced(text, ":" + std::to_string(p.cluster), ":" + std::to_string(ports.cluster));
    text = replaced(text, ":" + std::to_string(p.mqtt), ":" + std::to_string(ports.mqtt));
    text = replaced(text, ":" + std::to_string(p.monitor), ":" + std::to_string(ports.monitor));
    text = replaced(text, "nats/nats-1/data", "nats/" + name + "-data");
    text = replaced(text, "nats/nats-1/route/tls.crt", own + "/tls.crt");
    text = replaced(text, "nats/nats-1/route/tls.key", own + "/tls.key");
    const auto conf = servers / (name + ".conf");
    std::ofstream(conf) << text;
    servers.start_with(conf);
  };
  rogue("rogue", more[0], "members/agency-1");
  std::this_thread::sleep_for(4s);  // it dials again each second
  for (int i = 0; i < 3; ++i) EXPECT_EQ(routes(servers, i), 2);
  rogue("known", more[1], "nats/nats-1/route");  // the same file with a server's: it is let in
  EXPECT_TRUE(eventually([&] { return routes(servers, 0) == 3; }));
}

// Three quarters of the store are the ledger's: 48 of 64 MiB, on each of three servers. They tell each other what they
// hold about once a second, so that some more gets in.
TEST(NatsServersTest, TheLedgersStreamsStopAtTheirShareOfTheStore) {
  NatsServers servers(3, 64);
  ASSERT_TRUE(servers.start_all());
  NatsClient node(servers, "members/agency-1", "_INBOX_lotmark.agency-1");
  ASSERT_TRUE(node.connected());
  ASSERT_TRUE(node.make_stream("LOTMARK_ORDER", "lotmark.order.block"));
  const std::string block(1u << 20, 'b');
  std::uint64_t last = 0;
  // One that fails alone may be late, and taken all the same.
  for (int refused = 0; last < 80 && refused < 3;) {
    refused = node.append("lotmark.order.block", block, last) ? 0 : refused + 1;
    if (const auto state = node.state("LOTMARK_ORDER")) last = state->last;
    if (last >= 40) std::this_thread::sleep_for(500ms);  // time to be told
  }
  EXPECT_GE(last, 44u);
  EXPECT_LT(last, 62u);
}

// The way to replace a machine: a new one under the old name, with an empty store.
TEST(NatsServersTest, ServerWithAnEmptyStoreCatchesUpUnderItsName) {
  NatsServers servers;
  ASSERT_TRUE(servers.start_all());
  NatsClient node(servers, "members/agency-1", "_INBOX_lotmark.agency-1");
  ASSERT_TRUE(node.connected());
  ASSERT_TRUE(node.make_stream("LOTMARK_ORDER", "lotmark.order.block"));
  std::uint64_t last = 0;
  const auto append = [&] { return node.append("lotmark.order.block", "b", last) && ++last > 0; };
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append());
  servers.kill(2);
  std::filesystem::remove_all(servers.store(2));
  ASSERT_TRUE(eventually(append, 40s));  // two are left, and may have to elect
  servers.start(2);
  const auto here = [&] {
    const auto js = servers.page(2, "/jsz?streams=true");
    if (!js.is_object() || !js.contains("account_details")) return std::uint64_t{0};
    for (const auto& account : js["account_details"]) {
      if (!account.contains("stream_detail")) continue;
      for (const auto& s : account["stream_detail"]) {
        if (s["name"] == "LOTMARK_ORDER") return s["state"].value("last_seq", std::uint64_t{0});
      }
    }
    return std::uint64_t{0};
  };
  EXPECT_TRUE(eventually([&] { return here() == last; }, 60s)) << here() << " of " << last;
  EXPECT_TRUE(eventually([&] { return servers.healthy(2); }));
}

TEST(NatsServersTest, ServerThatIsGoneForGoodIsTakenOutByTheSystemUser) {
  NatsServers servers;
  ASSERT_TRUE(servers.start_all());
  NatsClient system(servers, "nats-admins/agency-1/system");
  NatsClient node(servers, "members/agency-1", "_INBOX_lotmark.agency-1");
  ASSERT_TRUE(system.connected() && node.connected());
  servers.kill(2);
  EXPECT_EQ(node.request("$JS.API.SERVER.REMOVE", R"({"peer":"nats-3"})"), "");
  EXPECT_TRUE(eventually([&] {  // the leader may have been the one that is gone
    return system.request("$JS.API.SERVER.REMOVE", R"({"peer":"nats-3"})")
               .find("\"success\":true") != std::string::npos;
  }));
  EXPECT_TRUE(eventually(
      [&] { return servers.page(0, "/jsz")["meta_cluster"].value("cluster_size", 0) == 2; }));
}

// SIGHUP, as docs/operate/ordering.md has it for a device that was not in the description.
TEST(NatsServersTest, UserAddedToTheFileIsTakenInWithoutARestart) {
  NatsServers servers(1);
  const std::string full = text_of(servers.conf(0));
  std::ofstream(servers.conf(0)) << replaced(full, "CN=agency-3/agency-3", "CN=agency-3/later");
  ASSERT_TRUE(servers.start_all());
  NatsClient first(servers, "members/agency-1", "_INBOX_lotmark.agency-1");
  ASSERT_TRUE(first.make_stream("LOTMARK_ORDER", "lotmark.order.block", 1));
  EXPECT_FALSE(NatsClient(servers, "members/agency-3").connected());
  std::ofstream(servers.conf(0)) << full;
  servers.reload(0);
  EXPECT_TRUE(eventually([&] { return NatsClient(servers, "members/agency-3").connected(); }));
  EXPECT_TRUE(first.append("lotmark.order.block", "b", 0));
}

}  // namespace
}  // namespace lotmark::test
