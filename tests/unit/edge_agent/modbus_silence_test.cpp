// A Modbus RTU line whose slaves are played byte by byte, on a pseudo terminal.
#include "edge-agent/source/modbus/line.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

// Modbus over serial line 1.02, section 6.2.2.
void add_crc(Bytes& frame) {
  unsigned crc = 0xffff;
  for (const std::uint8_t byte : frame) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  frame.push_back(static_cast<std::uint8_t>(crc & 0xff));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

class ModbusSilenceTest : public testing::Test {
 protected:
  ModbusSilenceTest() : wire_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    EXPECT_EQ(::grantpt(wire_), 0);
    EXPECT_EQ(::unlockpt(wire_), 0);
    termios t{};
    EXPECT_EQ(::tcgetattr(wire_, &t), 0);
    ::cfmakeraw(&t);
    EXPECT_EQ(::tcsetattr(wire_, TCSANOW, &t), 0);
    ModbusLineOptions o;
    o.serial = ::ptsname(wire_);
    o.baud = 115200;
    o.response_timeout = 1000ms;
    line_ = std::make_unique<ModbusLine>(o);
  }
  ~ModbusSilenceTest() override {
    ended_ = true;
    if (slaves_.joinable()) slaves_.join();
    ::close(wire_);
  }
  // Slave 2 answers its `deaf`-th request and those after it with 7; nobody else says anything.
  void answer_from(int deaf) {
    slaves_ = std::thread([this, deaf] {
      while (!ended_) {
        pollfd p{wire_, POLLIN, 0};
        std::array<std::uint8_t, 64> in{};
        if (::poll(&p, 1, 20) <= 0) continue;
        if (::read(wire_, in.data(), in.size()) < 8) continue;  // a request comes in one write
        asked_.push_back(in[0]);
        if (in[0] != 2 || std::ranges::count(asked_, 2) < deaf) continue;
        Bytes answer = {2, in[1], 2, 0, 7};
        add_crc(answer);
        EXPECT_EQ(::write(wire_, answer.data(), answer.size()),
                  static_cast<ssize_t>(answer.size()));
      }
    });
  }
  std::vector<int> asked() {
    ended_ = true;
    slaves_.join();
    return asked_;
  }
  Result<ModbusAnswer> ask(int slave) {
    const ModbusRequest request{ModbusTable::kHolding, 0, 1, {0}};
    return line_->read(slave, request, {clock_, stop_});
  }
  int wire_;
  std::atomic<bool> ended_{false};
  std::vector<int> asked_;
  std::thread slaves_;
  SystemClock clock_;
  StopEvent stop_;
  std::unique_ptr<ModbusLine> line_;
};

TEST_F(ModbusSilenceTest, ARequestAfterAnotherSlavesSilenceIsSaidAgain) {
  answer_from(2);
  EXPECT_FALSE(ask(1));
  const auto got = ask(2);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(*got, ModbusAnswer{7});
  EXPECT_EQ(asked(), (std::vector{1, 2, 2}));
}

TEST_F(ModbusSilenceTest, ASilentSlaveIsAskedOnceEachTime) {
  answer_from(3);
  EXPECT_FALSE(ask(2));
  EXPECT_FALSE(ask(2));
  EXPECT_TRUE(ask(2));
  EXPECT_EQ(asked(), (std::vector{2, 2, 2}));
}

}  // namespace
}  // namespace lotmark::agent
