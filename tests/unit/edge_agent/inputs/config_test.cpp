// [[source]] sections of what is pushed to the agent: scanners.
#include "edge-agent/config/config.h"
#include "core/base/hex.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class InputConfigTest : public testing::Test {
 protected:
  Result<Config> load(const std::string& source, const std::string& device = "line-1") {
    return load_whole(R"([agent]
organisation = "acme"
device = ")" + device +
                      R"("
state_dir = "state"
chain = ")" + std::string(64, 'a') +
                      R"("
[key]
file = "record.key"
[broker]
url = "tcp://127.0.0.1:1883"
[node]
enterprise = [")" + to_hex(test::new_signer()->public_key()) +
                      "\"]\n[[source]]\n" + source);
  }
  Result<Config> load_whole(const std::string& text) {
    return load_config(dir_.write("agent.toml", text));
  }
  template <class Options>
  Options options(const std::string& source, const std::string& device = "line-1") {
    const auto c = load(source, device);
    EXPECT_TRUE(c) << c.error().text;
    return c ? std::get<Options>(c->sources.at(0).options) : Options{};
  }
  void expect_printed_loads_the_same(const std::string& source) {
    const auto c = load(source);
    ASSERT_TRUE(c) << c.error().text;
    const auto text = print_config(*c);
    const auto again = load_whole(text);
    ASSERT_TRUE(again) << again.error().text << text;
    EXPECT_EQ(print_config(*again), text);
  }
  // Each of the faults is named, and no others are found.
  void expect_faults(const std::string& source, const std::vector<std::string>& faults) {
    const auto c = load(source);
    ASSERT_FALSE(c);
    for (const auto& f : faults)
      EXPECT_NE(c.error().text.find(f), std::string::npos) << f << "\n" << c.error().text;
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(c.error().text, '\n')) + 1, faults.size())
        << c.error().text;
  }
  test::TempDir dir_;
};

constexpr const char* kScanner =
    "name = \"gate\"\ntype = \"wedge\"\npath = \"/dev/input/event3\"\n";

TEST_F(InputConfigTest, AScannerNeedsItsPathAlone) {
  const auto o = options<WedgeOptions>(kScanner);
  EXPECT_EQ(o.channel, "gate");
  EXPECT_TRUE(o.grab && o.scan.enter && o.scan.tab);
  EXPECT_EQ(o.scan.max_length, 256u);
  EXPECT_EQ(o.scan.timeout, Millis(500));
  EXPECT_EQ(channels_of(o), std::vector<std::string>{"gate"});
}

TEST_F(InputConfigTest, AScannersKeysAreReadAndPrinted) {
  const std::string text = std::string(kScanner) +
                           "channel = \"in\"\ngrab = false\nend = [\"tab\"]\nmin_length = 8\n"
                           "max_length = 20\ntimeout_ms = 100\n";
  const auto o = options<WedgeOptions>(text);
  EXPECT_TRUE(!o.grab && !o.scan.enter && o.scan.tab);
  EXPECT_EQ(o.scan.min_length, 8u);
  EXPECT_EQ(o.scan.timeout, Millis(100));
  expect_printed_loads_the_same(text);
}

TEST_F(InputConfigTest, FaultsOfAScannerAreNamed) {
  expect_faults(std::string(kScanner) +
                    "end = []\nmin_length = 9\nmax_length = 8\ntimeout_ms = 1\nbaud = 9600\n",
                {"source[0].end: must not be empty", "source[0].min_length: is above max_length",
                 "source[0].timeout_ms: must be an integer", "source[0].baud: unknown key"});
}

constexpr const char* kLogger =
    "name = \"fridge\"\ntype = \"fridge-log\"\nfolder = \"/srv/fridge\"\nserial = "
    "\"160400000001\"\n";

TEST_F(InputConfigTest, ALoggerNeedsItsFolderAndSerialAlone) {
  const auto o = options<FridgeLogOptions>(kLogger);
  EXPECT_EQ(o.kept, "/srv/fridge/kept");
  EXPECT_EQ(o.rejected, "/srv/fridge/rejected");
  EXPECT_EQ(channels_of(o),
            (std::vector<std::string>{"fridge-min", "fridge-max", "fridge-average", "fridge-below",
                                      "fridge-above", "fridge-file"}));
}

TEST_F(InputConfigTest, ALoggersKeysAreReadAndPrinted) {
  const std::string text = std::string(kLogger) +
                           "kept = \"/var/kept\"\nrejected = \"/var/no\"\nutc_offset = \"-03:30\"\n"
                           "keys = [\"" +
                           std::string(128, 'a') +
                           "\"]\nmax_bytes = 65536\n"
                           "channels = {min = \"t-low\", file = \"paper\"}\n";
  const auto o = options<FridgeLogOptions>(text);
  EXPECT_EQ(o.days.utc_offset.count(), -210);
  EXPECT_EQ(channels_of(o), (std::vector<std::string>{"t-low", "paper"}));
  expect_printed_loads_the_same(text);
}

TEST_F(InputConfigTest, FaultsOfALoggerAreNamed) {
  expect_faults(
      "name = \"fridge\"\ntype = \"fridge-log\"\nserial = \"x\"\nutc_offset = \"2\"\n"
      "keys = [\"00\"]\nmax_bytes = 1\nchannels = {min = \"\"}\n",
      {"source[0].folder: missing", "source[0].serial: must be 1 to 20 digits",
       "source[0].utc_offset: must be hours", "source[0].keys: must be 128",
       "source[0].max_bytes: must be an integer", "source[0].channels.min: must have 1",
       "source[0].channels.file: missing"});
}

constexpr const char* kSite = "name = \"site\"\ntype = \"mqtt\"\nurl = \"tcp://127.0.0.1:1883\"\n";

TEST_F(InputConfigTest, MqttKeysAreReadAndPrinted) {
  const std::string text =
      std::string(kSite) +
      "channels = [{topic = \"a/+/b\", channel = \"t\", pointer = \"/x~1y\", unit = "
      "\"Cel\", exp = -2, round = true}, {topic = \"c\", channel = \"id\", text = "
      "true}]\nsenml = [\"s/#\"]\nexp = -1\nretained = true\nmax_bytes = 100\n"
      "max_rate = 9\noffline_topic = \"lwt\"\noffline_payload = \"0\"\n";
  const auto o = options<MqttOptions>(text);
  EXPECT_EQ(channels_of(o), (std::vector<std::string>{"t", "id"}));
  EXPECT_EQ(o.channels.at(0).pointer->tokens(), std::vector<std::string>{"x/y"});
  EXPECT_FALSE(o.channels.at(1).pointer);
  EXPECT_EQ(o.broker.client_id, "lotmark-acme_line-1_site");
  EXPECT_TRUE(o.retained && o.max_rate == 9 && o.offline_payload == "0");
  expect_printed_loads_the_same(text);
}

// With one drop-in on two gateways each threw the other off the broker, for ever.
TEST_F(InputConfigTest, GatewaysWithOneDropInHaveClientIdsOfTheirOwn) {
  const std::string text = std::string(kSite) + "senml = [\"s/#\"]\n";
  const auto id = [&](const std::string& source, const std::string& device) {
    return options<MqttOptions>(source, device).broker.client_id;
  };
  EXPECT_EQ(id(text, "line-2"), "lotmark-acme_line-2_site");
  std::string other = text;
  other.replace(other.find("site"), 4, "1-site");
  EXPECT_NE(id(other, "line"), id(text, "line-1"));
  EXPECT_EQ(id(text + "client_id = \"mine\"\n", "line-2"), "mine");
}

TEST_F(InputConfigTest, FaultsOfMqttAreNamed) {
  expect_faults(
      std::string(kSite) +
          "cert = \"c.pem\"\nmax_rate = 0\nchannels = [{topic = \"a/#/b\", channel = "
          "\"t\", exp = 0}, {topic = \"b\", channel = \"t\", pointer = \"x\", exp = 0}]\n",
      {"source[0].cert: cert and key belong together", "source[0].channels[0].topic: + or #",
       "source[0].channels[1].pointer: must be empty",
       "source[0].channels[1].channel: \"t\" is named twice",
       "source[0].max_rate: must be an integer"});
  expect_faults(kSite, {"source[0].channels: channels or senml is needed"});
}

}  // namespace
}  // namespace lotmark::agent
