// [[source]] sections of type llrp.
#include "edge-agent/config/config.h"
#include "core/base/hex.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class LlrpConfigTest : public testing::Test {
 protected:
  Result<Config> load(const std::string& keys) {
    return load_whole(R"([agent]
organisation = "acme"
device = "gw-1"
state_dir = "state"
chain = ")" + std::string(64, 'a') +
                      R"("
[key]
file = "record.key"
[broker]
url = "tcp://127.0.0.1:1883"
[node]
enterprise = [")" + to_hex(test::new_signer()->public_key()) +
                      R"("]
[[source]]
name = "dock"
type = "llrp"
)" + keys);
  }
  Result<Config> load_whole(const std::string& text) {
    return load_config(dir_.write("agent.toml", text));
  }
  LlrpOptions options(const std::string& keys) {
    auto c = load(keys);
    EXPECT_TRUE(c) << c.error().text;
    return c ? std::get<LlrpOptions>(c->sources.at(0).options) : LlrpOptions{};
  }
  test::TempDir dir_;
};

TEST_F(LlrpConfigTest, AHostIsEnough) {
  const auto o = options("host = \"10.0.0.7\"\n");
  EXPECT_EQ(o.name, "dock");
  EXPECT_EQ(o.host, "10.0.0.7");
  EXPECT_EQ(o.port, 5084);
  EXPECT_EQ(channels_of(o), std::vector<std::string>{"dock"});
  EXPECT_EQ(o.session.keepalive.count(), 10000);
  EXPECT_EQ(o.tags.quiet.count(), 5000);
  EXPECT_EQ(o.tags.repeat.count(), 0);
  EXPECT_FALSE(o.session.rospec.session);
  EXPECT_TRUE(o.session.rospec.antennas.empty());
}

constexpr const char* kAll = R"(host = "reader.local"
port = 5085
antennas = [{antenna = 4, channel = "out"}, {antenna = 1, channel = "in"}, {antenna = 2, channel = "in"}]
session = 2
population = 200
min_rssi_dbm = -70
quiet_s = 0
repeat_s = 60
keepalive_s = 3
clock_bound_ms = 500
form = "link"
)";

TEST_F(LlrpConfigTest, EveryKeyIsRead) {
  const auto o = options(kAll);
  EXPECT_EQ(o.port, 5085);
  EXPECT_EQ(channels_of(o), (std::vector<std::string>{"in", "out"}));
  EXPECT_EQ(o.session.rospec.antennas, (std::vector<std::uint16_t>{1, 2, 4}));
  EXPECT_EQ(o.session.rospec.session, 2);
  EXPECT_EQ(o.session.rospec.population, 200);
  EXPECT_EQ(o.tags.min_rssi_dbm, -70);
  EXPECT_EQ(o.tags.quiet.count(), 0);
  EXPECT_EQ(o.tags.repeat.count(), 60000);
  EXPECT_EQ(o.session.keepalive.count(), 3000);
  EXPECT_EQ(o.clock_bound.count(), 500);
  EXPECT_EQ(o.tags.form, gs1::EpcForm::kLink);
}

TEST_F(LlrpConfigTest, WhatIsPrintedLoadsAgainTheSame) {
  for (const char* keys : {kAll, "host = \"10.0.0.7\"\nchannel = \"yard\"\n"}) {
    const auto c = load(keys);
    ASSERT_TRUE(c) << c.error().text;
    const auto text = print_config(*c);
    const auto again = load_whole(text);
    ASSERT_TRUE(again) << again.error().text << text;
    EXPECT_EQ(print_config(*again), text);
  }
}

TEST_F(LlrpConfigTest, AllFaultsAtOnce) {
  const auto c = load(R"(port = 0
channel = "dock"
antennas = [{antenna = 1, channel = "a"}, {antenna = 1, channel = "b"}, {antenna = 0}]
session = 4
min_rssi_dbm = -200
quiet_s = -1
keepalive_s = 0
clock_bound_ms = 5
form = "hex"
tls = true
)");
  ASSERT_FALSE(c);
  for (const char* fault :
       {".host: missing", ":15: source[0].port:", "either channel or antennas", "1 is named twice",
        "antennas[2].antenna: must be", "antennas[2].channel: missing",
        ".session:", ".min_rssi_dbm:", ".quiet_s:", ".keepalive_s:", ".clock_bound_ms:",
        ".form: must be one of urn, link", ".tls: unknown key"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
}

}  // namespace
}  // namespace lotmark::agent
