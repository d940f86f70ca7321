// Sensors in a folder that looks like /sys.
#include "edge-agent/source/sysfs/sysfs.h"

#include "edge-agent/source/sysfs/attribute.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kIntact =
    "4f 00 4b 46 7f ff 0c 10 7b : crc=7b YES\n4f 00 4b 46 7f ff 0c 10 7b t=4937";

TEST(W1, ReadsAnIntactThermometer) {
  EXPECT_EQ(std::get<Exact>(w1_sample(kIntact).value), *Exact::read("4.937"));
}

TEST(W1, EachSingleWrongDigitIsALostSensor) {
  const std::string text = kIntact;
  for (std::size_t i = 0; i < 9 * 3 - 1; ++i) {
    std::string bad = text;
    bad[i] = bad[i] == '0' ? '1' : '0';
    EXPECT_EQ(std::get<GapReason>(w1_sample(bad).value), GapReason::kSensorLost) << i;
  }
}

TEST(W1, ACrcTheKernelFoundWrongIsALostSensor) {
  std::string text = kIntact;
  text.replace(text.find("YES"), 3, "NO");
  EXPECT_EQ(std::get<GapReason>(w1_sample(text).value), GapReason::kSensorLost);
}

TEST(W1, AShortedLineSaysZerosWithARightCrc) {
  EXPECT_EQ(std::get<GapReason>(
                w1_sample("00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0")
                    .value),
            GapReason::kSensorLost);
}

TEST(W1, TheValueAfterPowerOnIsNoTemperature) {
  EXPECT_EQ(
      std::get<GapReason>(
          w1_sample("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000")
              .value),
      GapReason::kNotANumber);
  EXPECT_EQ(std::get<GapReason>(w1_thousandths("85000").value), GapReason::kNotANumber);
  EXPECT_EQ(std::get<Exact>(w1_thousandths("-85").value), *Exact::read("-0.085"));
}

TEST(W1, WhatIsCutOffIsALostSensor) {
  const std::string text = kIntact;
  for (std::size_t size = 0; size + 6 < text.size(); ++size) {
    EXPECT_FALSE(std::holds_alternative<Exact>(w1_sample(text.substr(0, size)).value)) << size;
  }
}

TEST(SysfsDevice, IsNamedByBusAndPattern) {
  EXPECT_EQ(read_sysfs_device("w1:28-*")->text(), "w1:28-*");
  EXPECT_TRUE(read_sysfs_device("iio:bus/i2c/devices/1-0076/iio:device*")->is_path());
  for (const char* bad :
       {"", "iio", "iio:", "gpio:x", "iio:/etc", "iio:../../etc/x", "iio:a/./b", "w1:28-1/"}) {
    EXPECT_FALSE(read_sysfs_device(bad)) << bad;
  }
}

TEST(SysfsQuantity, KnowsUnitsOfTheKernelsDocuments) {
  EXPECT_STREQ(sysfs_quantity(SysfsBus::kIio, "in_pressure")->unit, "Pa");
  EXPECT_EQ(sysfs_quantity(SysfsBus::kIio, "in_voltage0-voltage1")->power, -3);
  EXPECT_STREQ(sysfs_quantity(SysfsBus::kIio, "in_temp_ambient")->unit, "Cel");
  EXPECT_EQ(sysfs_quantity(SysfsBus::kHwmon, "power1")->power, -6);
  EXPECT_STREQ(sysfs_quantity(SysfsBus::kHwmon, "in0")->unit, "V");
  EXPECT_FALSE(sysfs_quantity(SysfsBus::kHwmon, "intrusion0"));
  EXPECT_FALSE(sysfs_quantity(SysfsBus::kHwmon, "temp"));
  EXPECT_FALSE(sysfs_quantity(SysfsBus::kIio, "in_temperature"));
}

// Readings by channel of one turn of each device.
using Got = std::map<std::string, std::variant<std::int64_t, std::string, GapReason>>;

class SysfsTest : public testing::Test {
 protected:
  SysfsTest() { options_.root = dir_.path(); }
  void file(const fs::path& path, const std::string& text) {
    fs::create_directories((dir_.path() / path).parent_path());
    std::ofstream(dir_.path() / path) << text << '\n';
  }
  void gone(const fs::path& path) { fs::remove_all(dir_.path() / path); }
  void channel(const std::string& name, const std::string& device, const std::string& attribute,
               std::int64_t exp) {
    SysfsChannel c;
    c.is.channel = name;
    c.is.exp = exp;
    c.device = *read_sysfs_device(device);
    c.attribute = attribute;
    options_.channels.push_back(c);
  }
  // So many devices have their turn.
  Got turn(int devices = 1) {
    if (!source_) source_ = make_source(options_, {clock_, {}, {}});
    Got out;
    auto& sampler = dynamic_cast<Sampler&>(*source_);
    for (int i = 0; i < devices; ++i) {
      clock_.advance(2s);
      for (const auto& r : sampler.turn()) out[r.channel] = r.value;
    }
    return out;
  }

  test::TempDir dir_;
  ManualClock clock_{from_ms(1767600000000)};
  SysfsOptions options_;
  std::unique_ptr<Source> source_;
};

TEST_F(SysfsTest, ReadsIioProcessedAndRawValuesExactly) {
  file("bus/iio/devices/iio:device0/name", "bme280");
  file("bus/iio/devices/iio:device0/in_temp_input", "25080");
  file("bus/iio/devices/iio:device0/in_pressure_input", "100.653266");
  file("bus/iio/devices/iio:device1/name", "ads1115");
  file("bus/iio/devices/iio:device1/in_voltage0_raw", "-1234");
  file("bus/iio/devices/iio:device1/in_voltage_scale", "0.187500000");
  file("bus/iio/devices/iio:device1/in_temp_raw", "400");
  file("bus/iio/devices/iio:device1/in_temp_offset", "-40.5");
  file("bus/iio/devices/iio:device1/in_temp_scale", "62.5");
  channel("air", "iio:bme280", "in_temp", -2);
  channel("press", "iio:bme280", "in_pressure", 0);
  channel("probe", "iio:ads1115", "in_voltage0", -6);
  channel("chip", "iio:ads*", "in_temp", -3);
  const Got got = turn(3);
  EXPECT_EQ(std::get<0>(got.at("air")), 2508);
  EXPECT_EQ(std::get<0>(got.at("press")), 100653);
  EXPECT_EQ(std::get<0>(got.at("probe")), -231375);  // uV
  EXPECT_EQ(std::get<0>(got.at("chip")), 22469);     // (400 - 40.5) * 62.5 = 22468.75, rounded
}

TEST_F(SysfsTest, ReadsHwmonAndItsFaultFlag) {
  file("class/hwmon/hwmon0/name", "coretemp");
  file("class/hwmon/hwmon3/name", "tmp102");
  file("class/hwmon/hwmon3/temp1_input", "4875");
  file("class/hwmon/hwmon3/temp1_fault", "0");
  channel("cold", "hwmon:tmp102", "temp1", -3);
  EXPECT_EQ(std::get<0>(turn().at("cold")), 4875);
  file("class/hwmon/hwmon3/temp1_fault", "1");
  EXPECT_EQ(std::get<GapReason>(turn().at("cold")), GapReason::kSensorLost);
}

TEST_F(SysfsTest, ReadsThermometersByTheirId) {
  file("bus/w1/devices/28-0000075a1b2c/w1_slave", kIntact);
  file("bus/w1/devices/28-0000075a1b2d/temperature", "-18062");
  channel("a", "w1:28-0000075a1b2c", "", -3);
  channel("b", "w1:28-0000075a1b2d", "", -3);
  const Got got = turn(2);
  EXPECT_EQ(std::get<0>(got.at("a")), 4937);
  EXPECT_EQ(std::get<0>(got.at("b")), -18062);
}

TEST_F(SysfsTest, ANewNumberIsTheSameDevice) {
  file("bus/iio/devices/iio:device0/name", "bme280");
  file("bus/iio/devices/iio:device0/in_temp_input", "5000");
  channel("air", "iio:bme280", "in_temp", -3);
  EXPECT_EQ(std::get<0>(turn().at("air")), 5000);
  gone("bus/iio/devices/iio:device0");
  file("bus/iio/devices/iio:device0/name", "other");  // took the number
  file("bus/iio/devices/iio:device0/in_temp_input", "99000");
  file("bus/iio/devices/iio:device1/name", "bme280");
  file("bus/iio/devices/iio:device1/in_temp_input", "5100");
  EXPECT_EQ(std::get<GapReason>(turn().at("air")), GapReason::kSensorLost);
  EXPECT_EQ(std::get<0>(turn().at("air")), 5100);
}

TEST_F(SysfsTest, ADeviceThatIsNotThereIsAGapAndComesLater) {
  channel("air", "iio:bme280", "in_temp", -3);
  EXPECT_EQ(std::get<GapReason>(turn().at("air")), GapReason::kSensorLost);
  file("bus/iio/devices/iio:device4/name", "bme280");
  file("bus/iio/devices/iio:device4/in_temp_input", "5000");
  EXPECT_EQ(std::get<0>(turn().at("air")), 5000);
}

TEST_F(SysfsTest, OfTwoOfOneNameThePathTellsWhich) {
  for (const char* place : {"1-0076", "1-0077"}) {
    const auto folder = fs::path("bus/i2c/devices") / place / "iio:device7";
    file(folder / "name", "bme280");
    file(folder / "in_temp_input", std::string(place) == "1-0076" ? "7600" : "7700");
    fs::create_directories(dir_.path() / "bus/iio/devices");
    fs::create_directory_symlink(dir_.path() / folder,
                                 dir_.path() / ("bus/iio/devices/iio:device" + std::string(place)));
  }
  channel("any", "iio:bme280", "in_temp", -3);
  channel("b", "iio:bus/i2c/devices/1-0077/iio:device*", "in_temp", -3);
  const Got got = turn(2);
  EXPECT_EQ(std::get<GapReason>(got.at("any")), GapReason::kSensorLost);
  EXPECT_EQ(std::get<0>(got.at("b")), 7700);
}

TEST_F(SysfsTest, AScaleThatGoesMissingIsNoScaleOfOne) {
  file("bus/iio/devices/iio:device0/name", "adc");
  file("bus/iio/devices/iio:device0/in_voltage0_raw", "100");
  file("bus/iio/devices/iio:device0/in_voltage0_scale", "2");
  channel("v", "iio:adc", "in_voltage0", -3);
  EXPECT_EQ(std::get<0>(turn().at("v")), 200);
  gone("bus/iio/devices/iio:device0/in_voltage0_scale");
  EXPECT_EQ(std::get<GapReason>(turn().at("v")), GapReason::kSensorLost);
}

TEST_F(SysfsTest, TextThatIsNoNumberIsADeclaredGap) {
  file("bus/iio/devices/iio:device0/name", "adc");
  file("bus/iio/devices/iio:device0/in_temp_input", "warm");
  channel("t", "iio:adc", "in_temp", -3);
  EXPECT_EQ(std::get<GapReason>(turn().at("t")), GapReason::kNotANumber);
}

}  // namespace
}  // namespace lotmark::agent
