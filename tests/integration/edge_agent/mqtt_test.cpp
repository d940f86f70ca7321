// Devices that speak to a Mosquitto of the site, read by the program; it goes away and comes back.
#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent {
namespace {

class MqttProgramTest : public test::AgentProgramTest {
 protected:
  void SetUp() override {
    AgentProgramTest::SetUp();
    ASSERT_TRUE(site_.start());
    auto bus = bus::make_paho(site_.client("esp-1"));
    ASSERT_TRUE(bus);
    device_ = std::move(*bus);
    ASSERT_TRUE(device_->start());
    ASSERT_TRUE(test::eventually([&] { return device_->connected(); }));
  }
  void start() {
    const auto tls = site_.client("gateway");
    start_agent(
        "[[source]]\nname = \"site\"\ntype = \"mqtt\"\nurl = \"" + tls.url + "\"\nca = \"" +
        tls.ca_file + "\"\ncert = \"" + tls.cert_file + "\"\nkey = \"" + tls.key_file +
        "\"\noffline_topic = \"esp-1/status\"\n"
        "channels = [{topic = \"esp-1/+/state\", channel = \"cold\", unit = \"Cel\", exp = -1},"
        " {topic = \"zigbee/door\", channel = \"door\", pointer = \"/contact\", exp = 0}]\n");
  }
  bool says(const std::string& topic, const std::string& payload, const std::string& channel,
            std::int64_t value) {
    for (int i = 0; i < 200 && std::ranges::count(values(channel), value) == 0; ++i) {
      (void)device_->publish(topic, as_bytes(payload), false, {});
      std::this_thread::sleep_for(Millis(100));
    }
    return came(channel, value);
  }

  lotmark::test::Broker site_;
  std::unique_ptr<bus::Bus> device_;
};

TEST_F(MqttProgramTest, MessagesAreReadingsAndABrokerThatIsAwayAGap) {
  ASSERT_TRUE(device_->publish("esp-1/old/state", as_bytes("99.9"), true, {}));
  start();
  EXPECT_TRUE(says("esp-1/fridge/state", "4.5", "cold", 45));
  EXPECT_TRUE(says("zigbee/door", R"({"contact":true,"linkquality":120})", "door", 1));
  EXPECT_EQ(std::ranges::count(values("cold"), 999), 0);  // the broker had kept it
  const auto before = lost("cold");
  site_.kill();
  EXPECT_TRUE(test::eventually([&] { return lost("cold") > before && lost("door") > 0; }));
  ASSERT_TRUE(site_.start());
  EXPECT_TRUE(says("esp-1/fridge/state", "5.5", "cold", 55));
}

TEST_F(MqttProgramTest, ABrokerThatAsksForAPasswordGetsItFromAFileThatMayChange) {
  site_.kill();
  device_.reset();
  ASSERT_TRUE(site_.ask_for("gateway", "spring"));
  ASSERT_TRUE(site_.start());
  const std::string file = dir_.write("site.password", "winter\n");
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  const std::string source =
      "[[source]]\nname = \"site\"\ntype = \"mqtt\"\nurl = \"" + site_.url() + "\"\nca = \"" +
      site_.ca_file() + "\"\nuser = \"gateway\"\npassword_file = \"" + file +
      "\"\nchannels = [{topic = \"fridge\", channel = \"cold\", unit = \"Cel\", exp = -1}]\n";
  const auto check = [&] {
    return lotmark::test::shell(std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-agent --config " +
                                write_config(source) +
                                " check --wait 0 | grep -q 'source.site.*subscribed'");
  };
  EXPECT_FALSE(check());
  start_agent(source);
  EXPECT_TRUE(test::eventually([&] { return lost("cold") > 0; }));
  dir_.write("site.password", "spring");
  EXPECT_TRUE(check());
  auto options = site_.client("esp-1");
  options.user = "gateway";
  options.password_file = file;
  device_ = std::move(*bus::make_paho(options));
  ASSERT_TRUE(device_->start());
  ASSERT_TRUE(test::eventually([&] { return device_->connected(); }));
  EXPECT_TRUE(says("fridge", "4.5", "cold", 45));
}

}  // namespace
}  // namespace lotmark::agent
