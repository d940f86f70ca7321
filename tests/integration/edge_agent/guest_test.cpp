// A scanner behind the kernel's USB and input drivers, and chips behind its I2C, hwmon and IIO drivers, read by the
// program in a machine of QEMU's.
#include "tests/integration/edge_agent/guest/guest.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSources = R"([[source]]
name = "gate"
type = "wedge"
path = "/dev/input/scanner"
channel = "goods-in"
timeout_ms = 2000
[[source]]
name = "room"
type = "sysfs"
interval_ms = 500
channels = [
  {channel = "air", device = "iio:bmp280", attribute = "in_temp", exp = -3},
  {channel = "press", device = "iio:bmp280", attribute = "in_pressure", exp = 0},
  {channel = "board", device = "hwmon:lm75", attribute = "temp1", exp = -3},
]
)";

class GuestTest : public test::AgentProgramTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(test::Guest::missing(), "") << "scripts/soak installs what this needs";
    AgentProgramTest::SetUp();
    const auto tls = broker_.client("line-1");
    const auto config = write_config(kSources, "localhost");
    ASSERT_TRUE(
        guest_.start(config, {dir_ / "record.key", tls.ca_file, tls.cert_file, tls.key_file}));
    ASSERT_TRUE(reads(1)) << guest_.console();
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << guest_.console();
  }
  // The agent has had the scanner so many times; a machine without its own instructions is slow.
  bool reads(int times) {
    return test::eventually([&] { return guest_.said("guest: scanner read") >= times; }, 90s);
  }
  std::vector<std::string> came() {
    std::vector<std::string> out;
    auto texts = node_->texts();  // a copy, which must outlive the loop
    for (const auto& [t, text] : texts["goods-in"]) out.push_back(text);
    return out;
  }
  bool comes(const std::string& text) {
    return test::eventually([&] { return std::ranges::count(came(), text) > 0; }, 60s);
  }
  bool reads_value(const std::string& channel, std::int64_t value) {
    return test::eventually(
        [&] {
          const auto all = node_->series();
          const auto at = all.find(channel);
          return at != all.end() && std::ranges::any_of(at->second, [&](const auto& reading) {
                   return reading.second == value;
                 });
        },
        60s);
  }

  test::Guest guest_{dir_.path()};
};

TEST_F(GuestTest, ScansOfAUsbScannerComeAsTypedAlsoAfterItWasPulledOut) {
  const std::string element_string =
      "]C1010950600013435210Ab/7\x1d"
      "21X_1";
  ASSERT_TRUE(guest_.type(element_string + "\r"));
  ASSERT_TRUE(guest_.type("(01)09506000134352\t"));
  EXPECT_TRUE(comes(element_string));
  EXPECT_TRUE(comes("(01)09506000134352"));
  EXPECT_EQ(lost("goods-in"), 0u);

  ASSERT_TRUE(guest_.type("400638"));  // it is pulled while it scans
  ASSERT_TRUE(guest_.unplug());
  EXPECT_TRUE(test::eventually([&] { return lost("goods-in") > 0; }, 60s));
  ASSERT_TRUE(guest_.type("999\r"));  // on the machine's own keyboard
  ASSERT_TRUE(guest_.plug_in());
  ASSERT_TRUE(reads(2));
  ASSERT_TRUE(guest_.type("4006381333931\r"));
  EXPECT_TRUE(comes("4006381333931"));
  EXPECT_EQ(came(),
            (std::vector<std::string>{element_string, "(01)09506000134352", "4006381333931"}));
  EXPECT_EQ(guest_.said("guest: overheard 0 bytes"), 1);  // until it was pulled
}

TEST_F(GuestTest, ChipsBehindTheKernelsDriversAreRead) {
  EXPECT_TRUE(reads_value("board", 45000));
  EXPECT_TRUE(reads_value("air", 25080));
  EXPECT_TRUE(reads_value("press", 100653));
  EXPECT_EQ(lost("air") + lost("press") + lost("board"), 0u);
}

}  // namespace
}  // namespace lotmark::agent
