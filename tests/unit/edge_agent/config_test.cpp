#include "edge-agent/config/config.h"

#include "core/base/hex.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

std::string good(const std::string& key) {
  return R"([agent]
organisation = "acme"
device = "line-1"
state_dir = "state"
chain = ")" +
         std::string(64, 'a') + R"("
bundle_s = 3600
exit_when_done = true
anchor = {size = 7, root = ")" +
         std::string(64, 'b') + R"("}

[key]
file = "record.key"

[broker]
url = "ssl://broker.example:8883"
ca = "ca.pem"
cert = "line-1.pem"
key = "line-1.key"

[node]
enterprise = [")" +
         key + R"("]
reviewers = [")" +
         key + R"("]

[[source]]
name = "air"
type = "replay"
file = "beijing.csv"
time = {format = "columns", year = "year", month = "month", day = "day", hour = "hour"}
columns = [{column = "pm2.5", channel = "pm25", unit = "ug/m3", exp = 0}, {column = "TEMP", unit = "Cel", exp = 0}]
from = "2010-01-02"
to = "2010-02-01"
pace = "1440x"

[[source]]
name = "probe"
type = "exec"
command = ["probe", "--fast"]
restart = "never"

[[source]]
name = "filler"
type = "frames"
command = ["lotmark-start-device", "--nv", "filler.nv"]
device = "start-1"
)";
}

class ConfigTest : public testing::Test {
 protected:
  Result<Config> load(const std::string& text) {
    return load_config(dir_.write("agent.toml", text));
  }
  test::TempDir dir_;
  std::string key_ = to_hex(test::new_signer()->public_key());
};

TEST_F(ConfigTest, ReadsEveryPart) {
  auto c = load(good(key_));
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->bundle_s, 3600u);
  EXPECT_EQ(c->anchor->size, 7u);
  ASSERT_EQ(c->sources.size(), 3u);
  const auto& air = std::get<ReplayOptions>(c->sources[0].options);
  const auto& csv = std::get<CsvOptions>(air.format);
  EXPECT_EQ(csv.columns[1].channel, "TEMP");
  EXPECT_EQ(air.speed, 1440);
  EXPECT_EQ(air.from, to_ms(*from_iso("2010-01-02")));
  EXPECT_EQ(std::get<ExecOptions>(c->sources[1].options).restart, Restart::kNever);
  EXPECT_EQ(device_of(c->sources[2]), "start-1");
  EXPECT_FALSE(c->consortium);
}

TEST_F(ConfigTest, PrintsWhatLoadsAgainTheSame) {
  auto c = load(good(key_));
  ASSERT_TRUE(c);
  const auto text = print_config(*c);
  auto again = load(text);
  ASSERT_TRUE(again) << again.error().text << text;
  EXPECT_EQ(print_config(*again), text);
}

TEST_F(ConfigTest, ReportsAllFaultsAtOnceWithLineAndKey) {
  auto c = load(R"([agent]
organisation = "Acme"
device = "line-1"
state_dir = "state"
chain = "abc"
bundle_s = 0
colour = "red"

[key]

[broker]
url = "http://x"
ca = "a"
cert = "b"
key = "c"

[node]
enterprise = ["04"]

[[source]]
name = "air"
type = "replay"
file = "x.csv"
time = {column = "when", format = "moon"}
columns = [{column = "a", unit = "Cel"}, {column = "b", exp = 40}]
pace = "fast"
from = "soon"

[[source]]
name = "air"
type = "frames"
device = "line-1"

[surprise]
)");
  ASSERT_FALSE(c);
  EXPECT_EQ(c.code(), Errc::kConfig);
  const std::string& text = c.error().text;
  for (const char* fault :
       {":2: agent.organisation:", ":5: agent.chain:", ":6: agent.bundle_s:",
        ":7: agent.colour: unknown key", ":9: key.file: missing",
        ":12: broker.url:", ":18: node.enterprise:", ".time.format:", "columns[0].exp: missing",
        "columns[1].exp:", ".pace:", ".from:", "the name air is given twice", "device must differ",
        "either command or path", "node.reviewers", "surprise: unknown key"}) {
    EXPECT_NE(text.find(fault), std::string::npos) << fault << " in\n" << text;
  }
}

TEST_F(ConfigTest, SyntaxErrorNamesItsLine) {
  auto c = load("[agent]\norganisation = \n");
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().text.find("agent.toml:2: syntax"), std::string::npos) << c.error().text;
}

TEST_F(ConfigTest, TwoSourcesMayNotFeedOneChannel) {
  auto text = good(key_);
  text.replace(text.find("restart = \"never\""), 17, "columns = [{column = \"TEMP\", exp = 0}]");
  auto c = load(text);
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().text.find("fed by two sources"), std::string::npos);
}

TEST_F(ConfigTest, TrialsWithoutTlsOnlyOnLoopback) {
  auto text = good(key_);
  const auto at = text.find("url = ");
  text.replace(at, text.find("\n\n[node]") - at, "url = \"tcp://127.0.0.1:1883\"");
  EXPECT_TRUE(load(text));
  text.replace(text.find("127.0.0.1"), 9, "10.0.0.1");
  EXPECT_FALSE(load(text));
}

}  // namespace
}  // namespace lotmark::agent
