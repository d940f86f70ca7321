// Sensors that umockdev puts in place of the machine's own /sys, read by the program.
#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSensors = R"(P: /devices/platform/i2c-1/1-0076/iio:device0
N: iio:device0
E: DEVNAME=/dev/iio:device0
E: DEVTYPE=iio_device
E: SUBSYSTEM=iio
A: name=bme280\n
A: in_temp_input=5310\n
A: in_humidityrelative_input=41230\n
A: in_pressure_input=98.512\n

P: /devices/w1_bus_master1/28-0000075a1b2c
E: SUBSYSTEM=w1
A: name=28-0000075a1b2c\n
A: temperature=4937\n
A: w1_slave=4f 00 4b 46 7f ff 0c 10 7b : crc=7b YES\n4f 00 4b 46 7f ff 0c 10 7b t=4937\n

P: /devices/platform/lm75/hwmon/hwmon0
E: SUBSYSTEM=hwmon
A: name=tmp102\n
A: temp1_input=4875\n
)";

constexpr const char* kSource = R"([[source]]
name = "room"
type = "sysfs"
interval_ms = 100
quarantine_max_s = 1
channels = [
  {channel = "air", device = "iio:bme280", attribute = "in_temp", exp = -2},
  {channel = "damp", device = "iio:bme280", attribute = "in_humidityrelative", exp = -2},
  {channel = "press", device = "iio:bme280", attribute = "in_pressure", exp = 0},
  {channel = "board", device = "hwmon:tmp102", attribute = "temp1", exp = -3},
  {channel = "fridge", device = "w1:28-*", exp = -3},
]
)";

class SysfsProgramTest : public test::AgentProgramTest {
 protected:
  // Where umockdev keeps what the program takes for /sys: it is in the environment of what it started.
  fs::path made_up_sys() {
    std::string found;
    eventually([&] {
      for (const auto& entry : fs::directory_iterator("/proc")) {
        std::ifstream parent(entry.path() / "stat");
        std::string pid, name, state;
        pid_t of = 0;
        if (!(parent >> pid >> name >> state >> of) || of != agent_.pid()) continue;
        std::ifstream environment(entry.path() / "environ");
        std::string pair;
        while (std::getline(environment, pair, '\0')) {
          if (pair.starts_with("UMOCKDEV_DIR=")) found = pair.substr(13);
        }
      }
      return !found.empty();
    });
    return fs::path(found) / "sys";
  }
  static bool eventually(const std::function<bool()>& condition) {
    return test::eventually(condition);
  }
};

TEST_F(SysfsProgramTest, ValuesAreTheDevicesOwnAndOneThatGoesIsAGapUntilItIsBack) {
  start_agent(kSource,
              {"env", "ASAN_OPTIONS=verify_asan_link_order=0", "TMPDIR=" + dir_.path().string(),
               "umockdev-run", "-d", dir_.write("sensors.umockdev", kSensors), "--"});
  EXPECT_TRUE(came("air", 531));
  EXPECT_TRUE(came("damp", 4123));
  EXPECT_TRUE(came("press", 98512));
  EXPECT_TRUE(came("board", 4875));
  EXPECT_TRUE(came("fridge", 4937));
  EXPECT_EQ(lost("air"), 0u);

  const auto sys = made_up_sys();
  const auto folder = sys / "devices/platform/i2c-1/1-0076/iio:device0";
  ASSERT_TRUE(fs::exists(folder));
  const auto link = sys / "bus/iio/devices";
  fs::remove(link / "iio:device0");
  fs::remove_all(folder);
  EXPECT_TRUE(eventually([&] { return lost("air") > 0 && lost("press") > 0; }));
  const auto board = values("board").size();
  EXPECT_TRUE(eventually([&] { return values("board").size() > board + 5; }));  // not stalled
  EXPECT_EQ(lost("board"), 0u);

  const auto again = folder.parent_path() / "iio:device1";  // under another number
  fs::create_directories(again);
  for (const auto& [file, text] : {std::pair("in_temp_input", "6420"),
                                   {"in_humidityrelative_input", "1000"},
                                   {"in_pressure_input", "98.4"},
                                   {"name", "bme280"}}) {
    std::ofstream(again / file) << text << '\n';
  }
  fs::create_directory_symlink(again, link / "iio:device1");
  EXPECT_TRUE(came("air", 642));
  EXPECT_TRUE(came("press", 98400));
}

}  // namespace
}  // namespace lotmark::agent
