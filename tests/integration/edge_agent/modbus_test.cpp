// Modbus slaves of libmodbus, read by the program over TCP and over a pair of pseudo terminals; mbpoll says first what is
// in them.
#include "tests/free_ports.h"
#include "tests/integration/edge_agent/wires.h"

namespace lotmark::agent {
namespace {

// 16 bits: 53 and -184; 32 bits with the words turned: 20.4; 64 bits: 100653.2656; a coil.
const std::vector<std::string> kTruth = {"i:0=53",    "i:1=65352", "i:2=13107",
                                         "i:3=16803", "h:4=16632", "h:5=37588",
                                         "h:6=16357", "h:7=51485", "c:3=1"};
constexpr const char* kChannels = R"(
channels = [
  {channel = "damp", slave = 7, register = "input", address = 0, unit = "%RH", exp = 0},
  {channel = "cold", slave = 7, register = "input", address = 1, type = "i16", scale = "0.1", unit = "Cel", exp = -1},
  {channel = "room", slave = 7, register = "input", address = 2, type = "f32", order = "cdab", unit = "Cel", exp = -2},
  {channel = "press", slave = 7, register = "holding", address = 4, type = "f64", unit = "Pa", exp = -3},
  {channel = "door", slave = 7, register = "coil", address = 3, exp = 0},
  {channel = "none", slave = 7, register = "discrete", address = 900, exp = 0},
  {channel = "dead", slave = 9, register = "input", address = 0, exp = 0},
]
)";

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[256];
  while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  if (pipe != nullptr) ::pclose(pipe);
  return out;
}

class ModbusProgramTest : public test::AgentProgramTest {
 protected:
  void start_slave(const std::vector<std::string>& where, const std::vector<std::string>& values) {
    std::vector<std::string> command = {LOTMARK_MODBUS_SLAVE};
    command.insert(command.end(), where.begin(), where.end());
    command.push_back("7");
    command.insert(command.end(), values.begin(), values.end());
    slave_.start(command);
  }
  // What mbpoll reads of the slave, once it does.
  static void expect_by_mbpoll(const std::string& arguments, const std::string& line,
                               const std::string& value) {
    std::string got;
    EXPECT_TRUE(test::eventually([&] {
      got = output_of("mbpoll -q -1 -0 -a 7 -o 0.5 " + arguments + " " + line);
      return got.find("]: \t" + value + "\n") != std::string::npos;
    })) << arguments
        << ": " << got;
  }
  static void expect_truth_by_mbpoll(const std::string& line) {
    expect_by_mbpoll("-t 3 -r 0", line, "53");
    expect_by_mbpoll("-t 3 -r 1", line, "65352 (-184)");
    expect_by_mbpoll("-t 3:float -r 2", line, "20.4");
    expect_by_mbpoll("-t 0 -r 3", line, "1");
  }
  void expect_truth_at_the_node() {
    EXPECT_TRUE(came("damp", 53));
    EXPECT_TRUE(came("cold", -184));
    EXPECT_TRUE(came("room", 2040));
    EXPECT_TRUE(came("press", 100653266));  // 100653.2656, rounded
    EXPECT_TRUE(came("door", 1));
    EXPECT_TRUE(test::eventually([&] { return lost("none") > 0 && lost("dead") > 0; }));
    EXPECT_EQ(lost("damp"), 0u);
    EXPECT_TRUE(values("none").empty());
    EXPECT_TRUE(values("dead").empty());
  }
  // The slave dies and comes back with another value.
  void expect_gap_and_return(const std::vector<std::string>& where) {
    slave_.end();
    EXPECT_TRUE(test::eventually([&] { return lost("damp") > 0 && lost("door") > 0; }));
    auto values = kTruth;
    values[0] = "i:0=54";
    start_slave(where, values);
    EXPECT_TRUE(came("damp", 54));
  }

  test::Child slave_;
};

TEST_F(ModbusProgramTest, OverTcpValuesAreTheSlavesOwnAndADeadOneStallsNobody) {
  const std::string port = std::to_string(lotmark::test::free_port());
  start_slave({"tcp", port}, kTruth);
  expect_truth_by_mbpoll("-m tcp -p " + port + " 127.0.0.1");
  start_agent(
      "[[source]]\nname = \"plant\"\ntype = \"modbus\"\naddress = \"127.0.0.1\"\nport = " + port +
      "\nresponse_timeout_ms = 200\ninterval_ms = 100\nquarantine_max_s = 1" + kChannels);
  expect_truth_at_the_node();
  expect_gap_and_return({"tcp", port});
}

TEST_F(ModbusProgramTest, OverASerialLineValuesAreTheSlavesOwnAndADeadOneStallsNobody) {
  test::Wire wire(dir_);
  ASSERT_TRUE(wire.plug_in());
  const std::string& near = wire.near();
  const std::string& far = wire.far();
  start_slave({"rtu", far}, kTruth);
  expect_truth_by_mbpoll("-m rtu -b 9600 -P none " + near);
  start_agent("[[source]]\nname = \"plant\"\ntype = \"modbus\"\nserial = \"" + near +
              "\"\nbaud = 9600\nparity = \"none\"\nresponse_timeout_ms = 200\ninterval_ms = 100\n"
              "quarantine_max_s = 1\none_request_per_field = true" +
              kChannels);
  expect_truth_at_the_node();
  expect_gap_and_return({"rtu", far});
}

}  // namespace
}  // namespace lotmark::agent
