// [[source]] sections of devices that are polled.
#include "core/base/hex.h"
#include "edge-agent/config/config.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

constexpr const char* kAll = R"([[source]]
name = "room"
type = "sysfs"
interval_ms = 5000
channels = [
  {channel = "air", device = "iio:bme280", attribute = "in_temp", exp = -2, deadband = "0.1"},
  {channel = "chip", device = "hwmon:tmp1*", attribute = "temp1", unit = "Cel", exp = -3, scale = "1.001", offset = "-0.25"},
  {channel = "fridge", device = "w1:28-*", exp = -3, on_change = true, round = false},
]

[[source]]
name = "plant"
type = "modbus"
serial = "/dev/ttyUSB0"
parity = "none"
channels = [
  {channel = "cold", slave = 7, register = "input", address = 1, type = "f32", order = "cdab", unit = "Cel", exp = -2},
  {channel = "door", slave = 8, register = "coil", address = 65535, exp = 0},
]

[[source]]
name = "scale"
type = "serial"
path = "/dev/ttyUSB1"
baud = 1200
data_bits = 7
parity = "even"
send = "P\r\n"
interval_ms = 2000
patterns = ["ST,{weight}kg", "\\*{weight} {net}"]
ignore = ["US,{}*"]
channels = [{channel = "weight", unit = "kg", exp = -3}, {channel = "net", unit = "kg", exp = -3}]

[[source]]
name = "button"
type = "serial"
path = "/dev/ttyUSB2"
silent_after_s = 60
patterns = ["{printed}"]
channels = [{channel = "printed", unit = "kg", exp = -3}]

[[source]]
name = "meter"
type = "modbus"
address = "10.0.0.7"
channels = [{channel = "power", register = "holding", address = 0, unit = "W", exp = 0}]
)";

class PolledConfigTest : public testing::Test {
 protected:
  Result<Config> load(const std::string& sources) {
    return load_whole(R"([agent]
organisation = "acme"
device = "line-1"
state_dir = "state"
chain = ")" + std::string(64, 'a') +
                      R"("
[key]
file = "record.key"
[broker]
url = "tcp://127.0.0.1:1883"
[node]
enterprise = [")" + to_hex(test::new_signer()->public_key()) +
                      "\"]\n" + sources);
  }
  Result<Config> load_whole(const std::string& text) {
    return load_config(dir_.write("agent.toml", text));
  }
  test::TempDir dir_;
};

TEST_F(PolledConfigTest, ReadsEveryKind) {
  const auto c = load(kAll);
  ASSERT_TRUE(c) << c.error().text;
  ASSERT_EQ(c->sources.size(), 5u);
  const auto& room = std::get<SysfsOptions>(c->sources[0].options);
  EXPECT_EQ(room.timing.interval, Millis(5000));
  EXPECT_EQ(room.channels[0].is.deadband, 10);
  EXPECT_EQ(room.channels[1].is.scale, *Exact::read("1.001"));
  EXPECT_EQ(room.channels[2].is.unit, "Cel");
  EXPECT_EQ(room.channels[2].is.deadband, 1);
  const auto& plant = std::get<ModbusOptions>(c->sources[1].options);
  EXPECT_EQ(plant.channels[0].field.order, ModbusOrder::kCdab);
  EXPECT_EQ(plant.channels[1].field.type, ModbusType::kBit);
  EXPECT_EQ(std::get<ModbusOptions>(c->sources[4].options).line.port, 502);
  EXPECT_EQ(std::get<SerialOptions>(c->sources[2].options).send, "P\r\n");
  EXPECT_EQ(std::get<SerialOptions>(c->sources[2].options).patterns[1], "\\*{weight} {net}");
  EXPECT_EQ(std::get<SerialOptions>(c->sources[3].options).silent_after, Millis(60000));
}

TEST_F(PolledConfigTest, PrintsWhatLoadsAgainTheSame) {
  const auto c = load(kAll);
  ASSERT_TRUE(c) << c.error().text;
  const auto text = print_config(*c);
  const auto again = load_whole(text);
  ASSERT_TRUE(again) << again.error().text << text;
  EXPECT_EQ(print_config(*again), text);
}

TEST_F(PolledConfigTest, LimitsOfAlarmsReachTheChannelsWithADeadband) {
  const auto c = load(std::string(kAll) + R"([[alarm]]
name = "warm"
channel = "air"
above = "8.05"
clear = 7
run = ["/bin/true"]
[[alarm]]
name = "hot"
channel = "chip"
above = 60
run = ["/bin/true"]
)");
  ASSERT_TRUE(c) << c.error().text;
  const auto& room = std::get<SysfsOptions>(c->sources[0].options);
  ASSERT_EQ(room.channels[0].is.limits.size(), 2u);
  EXPECT_EQ(compare(room.channels[0].is.limits[0], {805, -2}), 0);
  EXPECT_EQ(compare(room.channels[0].is.limits[1], {7, 0}), 0);
  EXPECT_TRUE(room.channels[1].is.limits.empty());  // all of it is handed on
}

TEST_F(PolledConfigTest, ASilenceThatADeadbandMayMakeIsNoAlarm) {
  const std::string alarm = R"([[alarm]]
name = "mute"
channel = "air"
run = ["/bin/true"]
silent_s = )";
  const auto c = load(std::string(kAll) + alarm + "900\n");
  ASSERT_FALSE(c);
  EXPECT_NE(c.error().text.find("mute: silent_s must be above at_least_every_s"), std::string::npos)
      << c.error().text;
  EXPECT_TRUE(load(std::string(kAll) + alarm + "901\n"));
}

TEST_F(PolledConfigTest, FaultsOfASerialSectionAreNamed) {
  const auto c = load(R"([[source]]
name = "scale"
type = "serial"
path = "/dev/ttyUSB1"
baud = 1201
data_bits = 6
interval_ms = 1000
patterns = ["{a", "{other}kg"]
ignore = ["US{x}"]
channels = [{channel = "weight", unit = "kg", exp = -3}]
)");
  ASSERT_FALSE(c);
  for (const char* fault : {".baud: is none", ".data_bits:", ".interval_ms: unknown key",
                            ".patterns: { without }", "{other} is no channel",
                            ".ignore: {x} has a name", "channels[0].channel: {weight} is in no"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
}

TEST_F(PolledConfigTest, FaultsOfAModbusSectionAreNamed) {
  const auto c = load(R"([[source]]
name = "plant"
type = "modbus"
address = "10.0.0.7"
serial = "/dev/ttyUSB0"
parity = "odds"
port = 502
channels = [
  {channel = "a", slave = 255, register = "input", address = 65535, type = "u32", exp = 0},
  {channel = "b", register = "inputs", address = -1, type = "u8", order = "acbd", exp = 0},
  {channel = "c", register = "coil", address = 0, type = "u16", exp = 0},
]
)");
  ASSERT_FALSE(c);
  for (const char* fault : {"give either address or serial", ".parity:", ".port: unknown key",
                            "channels[0].slave:", "channels[0].address: reaches",
                            "channels[1].register:", "channels[1].address:", "channels[1].type:",
                            "channels[1].order:", "channels[2].type: unknown key"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
}

TEST_F(PolledConfigTest, FaultsOfASysfsSectionAreNamed) {
  const auto c = load(R"([[source]]
name = "room"
type = "sysfs"
interval_ms = 5
jitter_ms = 99999999
channels = [
  {channel = "a", device = "iio:../x", attribute = "in_temp", exp = -2},
  {channel = "b", device = "iio:x", attribute = "in_pressure", unit = "kPa", exp = 0},
  {channel = "c", device = "iio:x", attribute = "in_count", exp = 0},
  {channel = "d", device = "w1:28-1", attribute = "x", exp = 0, scale = 0.1},
  {channel = "d", device = "iio:x", exp = -1, scale = "0,1", deadband = "0.05"},
  {channel = "e", device = "w1:28-1", exp = 0, on_change = true, deadband = "1", offset = "1.5e-400"},
]
)");
  ASSERT_FALSE(c);
  for (const char* fault :
       {".interval_ms:", ".jitter_ms:", "channels[0].device:",
        "channels[1].unit: this attribute is in Pa", "channels[2].unit: needed",
        "channels[3].attribute:", "channels[3].scale:", "channels[4].channel: d is named twice",
        "channels[4].attribute: missing", "channels[4].scale:", "channels[4].deadband:",
        "channels[5].deadband: give either", "channels[5].offset:"}) {
    EXPECT_NE(c.error().text.find(fault), std::string::npos) << fault << " in\n" << c.error().text;
  }
}

}  // namespace
}  // namespace lotmark::agent
