// An answer of Modbus RTU does not say which request it is of. One that came after its time served the next request: the
// value of one register stood in another one's channel.
#include "edge-agent/source/modbus/line.h"
#include "tests/free_ports.h"
#include "tests/integration/edge_agent/wires.h"

namespace lotmark::agent {
namespace {

constexpr Millis kTimeout{150};
constexpr int kLateMs = 220;

class ModbusLateTest : public testing::Test {
 protected:
  // Register 0 says 1111 and comes late, register 1 says 2222.
  void start_slave(const std::string& kind, const std::string& where) {
    slave_.start({LOTMARK_MODBUS_SLAVE, kind, where, "7", "i:0=1111", "i:1=2222",
                  "l:0=" + std::to_string(kLateMs)});
  }
  Result<ModbusAnswer> ask(ModbusLine& line, int address) {
    return line.read(7, {ModbusTable::kInput, address, 1, {}}, {clock_, stop_});
  }
  // The first answer is late; what the second request then gets, once it gets one.
  void expect_no_mix(ModbusLine& line) {
    Result<ModbusAnswer> first = Errc::kOk;
    ASSERT_TRUE(test::eventually([&] {
      first = ask(line, 0);
      return !first && first.error().text.find("timed out") != std::string::npos;
    })) << "the slave never came up";
    for (int i = 0; i < 5; ++i) {
      const auto second = ask(line, 1);
      if (!second) continue;
      EXPECT_EQ(*second, ModbusAnswer{2222});
      return;
    }
    ADD_FAILURE() << "it never answered";
  }

  test::TempDir dir_;
  SystemClock clock_;
  StopEvent stop_;
  test::Child slave_;
};

TEST_F(ModbusLateTest, AnAnswerAfterItsTimeServesNoLaterRequestOnASerialLine) {
  test::Wire wire(dir_);
  ASSERT_TRUE(wire.plug_in());
  start_slave("rtu", wire.far());
  ModbusLineOptions o;
  o.serial = wire.near();
  o.parity = "none";
  o.response_timeout = kTimeout;
  ModbusLine line(o);
  expect_no_mix(line);
}

TEST_F(ModbusLateTest, AnAnswerAfterItsTimeServesNoLaterRequestOverTcp) {
  const int port = lotmark::test::free_port();
  start_slave("tcp", std::to_string(port));
  ModbusLineOptions o;
  o.address = "127.0.0.1";
  o.port = port;
  o.response_timeout = kTimeout;
  ModbusLine line(o);
  expect_no_mix(line);
}

}  // namespace
}  // namespace lotmark::agent
