#include "edge-agent/config/config.h"

#include <sys/stat.h>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
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
        ":7: agent.colour: unknown key", ":9: key.file: give either file or uri",
        ":12: broker.url:", ":18: node.enterprise:", ".time.format:", "columns[0].exp: missing",
        "columns[1].exp:", ".pace:", ".from:", "the name air is given twice", "device: must differ",
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

TEST_F(ConfigTest, DropInsAreJoinedInTheOrderOfTheirNames) {
  std::filesystem::create_directory(dir_ / "agent.d");
  dir_.write("agent.d/20-second.toml",
             "[[source]]\nname = \"b\"\ntype = \"exec\"\ncommand = [\"b\"]\n");
  dir_.write(
      "agent.d/10-first.toml",
      "[[source]]\nname = \"a\"\ntype = \"exec\"\ncommand = [\"a\"]\n[outbox]\nwindow = 9\n");
  dir_.write("agent.d/.hidden.toml", "no = [TOML");
  dir_.write("agent.d/notes.txt", "neither");
  auto c = load(good(key_));
  ASSERT_TRUE(c) << c.error().text;
  ASSERT_GE(c->sources.size(), 5u);
  EXPECT_EQ(c->sources.end()[-2].name, "a");
  EXPECT_EQ(c->sources.end()[-1].name, "b");
  EXPECT_EQ(c->window, 9u);
}

TEST_F(ConfigTest, HashIsTheFilesOwnUntilThereAreDropIns) {
  const auto alone = load(good(key_));
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->hash, sha256(as_bytes(good(key_))));
  std::filesystem::create_directory(dir_ / "agent.d");
  dir_.write("agent.d/a.toml", "[outbox]\nwindow = 9\n");
  EXPECT_NE(load(good(key_))->hash, alone->hash);
}

TEST_F(ConfigTest, KeyGivenTwiceNamesBothPlaces) {
  std::filesystem::create_directory(dir_ / "agent.d");
  dir_.write("agent.d/a.toml", "\n[agent]\nbundle_s = 60\n");
  auto c = load(good(key_));
  ASSERT_FALSE(c);
  const auto& text = c.error().text;
  EXPECT_NE(text.find("agent.d/a.toml:3: agent.bundle_s: given twice"), std::string::npos) << text;
  EXPECT_NE(text.find("agent.toml:6"), std::string::npos) << text;
}

TEST_F(ConfigTest, FaultsOfAllFilesAreToldAtOnceEachWithItsFile) {
  std::filesystem::create_directory(dir_ / "agent.d");
  dir_.write("agent.d/a.toml", "[[source]]\nname = \"A\"\ntype = \"exec\"\ncommand = [\"a\"]\n");
  dir_.write("agent.d/b.toml", "[outbox]\nwindow = \n");
  dir_.write("agent.d/c.toml", "[outbox]\nresend_s = 0\n");
  auto text = good(key_);
  text.replace(text.find("\"acme\""), 6, "\"Acme\"");
  auto c = load(text);
  ASSERT_FALSE(c);
  for (const char* fault : {"agent.toml:2: agent.organisation", "a.toml:2: source[",
                            "b.toml:2: syntax", "c.toml:2: outbox.resend_s"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
  EXPECT_EQ(c.error().text.find("missing"), std::string::npos) << c.error().text;
}

TEST_F(ConfigTest, FileAboveTheLimitIsRefused) {
  auto c = load(good(key_) + std::string(1u << 20, '#'));
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().text.find("larger than 1 MiB"), std::string::npos) << c.error().text;
}

TEST_F(ConfigTest, EffectiveConfigurationSaysWhereEachValueCameFrom) {
  std::filesystem::create_directory(dir_ / "agent.d");
  dir_.write(
      "agent.d/a.toml",
      "\n[[calibration]]\nchannel = \"TEMP\"\ncertificate = \"K\"\ndate = 20260105\nexp = -2\n"
      "accuracy = 1\n");
  const auto file = dir_.write("agent.toml", good(key_));
  auto shown = show_config(file);
  ASSERT_TRUE(shown) << shown.error().text;
  const auto origin = [&](const std::string& line) {
    const auto at = shown->find("\n" + line);
    if (at == std::string::npos) return std::string("no such line");
    const auto mark = shown->find("# ", at);
    return shown->substr(mark + 2, shown->find('\n', mark) - mark - 2);
  };
  EXPECT_EQ(origin("bundle_s = 3600"), file + ":6");
  EXPECT_EQ(origin("anchor = "), file + ":8");
  EXPECT_EQ(origin("log_level = \"info\""), "default");
  EXPECT_EQ(origin("window = 64"), "default");
  EXPECT_EQ(origin("restart = \"never\""), file + ":37");
  EXPECT_EQ(origin("certificate = \"K\""), dir_ / "agent.d/a.toml:4");
  EXPECT_EQ(origin("offset = 0"), "default");
  const auto as_file = dir_.write("again.toml", *shown);
  EXPECT_TRUE(load_config(as_file));
}

TEST_F(ConfigTest, AlarmsAndCalibrationsAreReadAndPrinted) {
  const auto text = good(key_) + R"(
[alarms]
url = "tcp://127.0.0.1:1883"

[[alarm]]
name = "warm"
channel = "TEMP"
above = "8.5"
delay_s = 60
clear = 8
run = ["siren", "on"]
mqtt = "site/alarms"

[[alarm]]
name = "dead"
channel = "cold"
silent_s = 90
webhook = "https://alerts.example/hook"

[[calibration]]
channel = "TEMP"
certificate = "K-2026-17"
date = 20260105
exp = -2
offset = -5
accuracy = 10
days = 180
)";
  auto c = load(text);
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->calibration_days.at("TEMP"), 180u);
  ASSERT_EQ(c->alarms.size(), 2u);
  EXPECT_EQ(compare(c->alarms[0].rule.limit, {850, -2}), 0);
  EXPECT_EQ(c->alarms[1].rule.delay.count(), 90);
  EXPECT_EQ(c->calibrations.at("TEMP").offset, -5);
  auto again = load(print_config(*c));
  ASSERT_TRUE(again) << again.error().text << print_config(*c);
  EXPECT_EQ(print_config(*again), print_config(*c));
}

TEST_F(ConfigTest, AlarmThatCanNeverBeIsAFault) {
  auto c = load(good(key_) + R"(
[[alarm]]
name = "a"
channel = "TEMP"
above = 8.5
clear = "9"
mqtt = "x/#"

[[alarm]]
name = "a"
channel = "TEMP"
silent_s = 60
webhook = "http://127.0.0.1.example/"

[[alarm]]
name = "b"
channel = "cold"
above = 1
below = 2
mqtt = "site/alarms"

[[calibration]]
channel = "TEMP"
certificate = "K"
date = 20260230
exp = -2
accuracy = 1
)");
  ASSERT_FALSE(c);
  for (const char* fault :
       {"alarm[0].above: must be an integer, or a decimal in quotes", "alarm[0].clear",
        "alarm[0].mqtt", "the name a is given twice", "never silent", "alarm[1].webhook",
        "alarm[2].above: give one of", "b: mqtt needs a broker", "calibration[0].date"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
}

TEST_F(ConfigTest, WhatWouldHangOrFillTheStackIsAFaultAtOnce) {
  std::string deep = "[x]\n";
  for (int i = 0; i < 100000; ++i) deep += "a.";
  const auto refused = load(good(key_) + deep + "a = 1\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("more than 256 dots"), std::string::npos);
  std::filesystem::create_directories(dir_ / "agent.d");
  ASSERT_EQ(::mkfifo((dir_ / "agent.d/x.toml").c_str(), 0600), 0);
  const auto piped = load(good(key_));
  ASSERT_FALSE(piped);
  EXPECT_NE(piped.error().text.find("x.toml:1: file: cannot be read: it is no regular file"),
            std::string::npos)
      << piped.error().text;
}

TEST_F(ConfigTest, FaultsBetweenEntriesStandAtTheLaterOneInItsFile) {
  std::filesystem::create_directories(dir_ / "agent.d");
  (void)dir_.write("agent.d/10-copy.toml",
                   "\n[[source]]\ntype = \"exec\"\nname = \"probe\"\ncommand = [\"x\"]\n"
                   "columns = [{column = \"TEMP\", exp = 0}]\n"
                   "[[alarm]]\nname = \"warm\"\nchannel = \"TEMP\"\nabove = 3\nmqtt = \"a\"\n");
  const auto refused = load(good(key_));
  ASSERT_FALSE(refused);
  const std::string& text = refused.error().text;
  EXPECT_NE(text.find("10-copy.toml:4: source[3].name: the name probe is given twice"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("the channel TEMP is fed by two sources: air has it too"), std::string::npos)
      << text;
  EXPECT_NE(text.find("10-copy.toml:11: alarm[0].mqtt"), std::string::npos) << text;
}

TEST_F(ConfigTest, TwoCertificatesOverOneKeyAreNotRenewed) {
  std::string text = good(key_);
  const std::string consortium =
      "[consortium]\nurl = \"ssl://c.example:8883\"\nca = \"ca.pem\"\ncert = \"other.pem\"\n"
      "key = \"line-1.key\"\n";
  text.insert(text.find("[node]"), consortium);
  EXPECT_TRUE(load(text));
  text.insert(text.find("[node]"), "[renewal]\ncommand = [\"renew\"]\n");
  const auto refused = load(text);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("line-1.pem and"), std::string::npos) << refused.error().text;
}

TEST_F(ConfigTest, ASitesBrokerOfAlarmsKnowsTheAgentByACertificateOrByAName) {
  const std::string alarms = "[alarms]\nurl = \"ssl://site.example:8883\"\nca = \"site.pem\"\n";
  EXPECT_FALSE(load(good(key_) + alarms)) << "neither";
  EXPECT_FALSE(load(good(key_) + alarms + "password_file = \"p\"\n"));
  const auto named = load(good(key_) + alarms + "user = \"gw\"\npassword_file = \"p\"\n");
  ASSERT_TRUE(named) << named.error().text;
  EXPECT_EQ(named->alarm_broker->user, "gw");
  const auto again = load(print_config(*named));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(again->alarm_broker->password_file, named->alarm_broker->password_file);
}

TEST_F(ConfigTest, KeyIsInAFileOrInAToken) {
  auto text = good(key_);
  const std::string file = "file = \"record.key\"";
  text.replace(text.find(file), file.size(),
               "uri = \"pkcs11:token=site;object=record?pin-source=file:/etc/lotmark/pin\"");
  auto c = load(text);
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_TRUE(c->key.uri.starts_with("pkcs11:token=site"));
  EXPECT_TRUE(load(print_config(*c)));
  text.replace(text.find("object="), 7, "colour=");
  c = load(text);
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().text.find(":11: key.uri: has an attribute"), std::string::npos)
      << c.error().text;
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
