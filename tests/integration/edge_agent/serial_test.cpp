// A scale at the other end of a pair of pseudo terminals, read by the program.
#include <fcntl.h>
#include <poll.h>

#include "edge-agent/source/serial/port.h"
#include "tests/integration/edge_agent/wires.h"

namespace lotmark::agent {
namespace {

class SerialProgramTest : public test::AgentProgramTest {
 protected:
  ~SerialProgramTest() override { unplug(); }

  void plug_in() {
    ASSERT_TRUE(wire_.plug_in());
    far_fd_ = ::open(wire_.far().c_str(), O_RDWR | O_NOCTTY);
    ASSERT_GE(far_fd_, 0);
  }
  void unplug() {
    if (far_fd_ >= 0) ::close(far_fd_);
    far_fd_ = -1;
    wire_.pull();
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::write(far_fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // What the program wrote, up to `end`; empty if it does not within a while.
  std::string heard(const std::string& end) const {
    std::string got;
    pollfd p{far_fd_, POLLIN, 0};
    while (!got.ends_with(end) && ::poll(&p, 1, 20000) == 1) {
      char c = 0;
      if (::read(far_fd_, &c, 1) != 1) break;
      got += c;
    }
    return got;
  }
  void start(const std::string& rest) {
    start_agent("[[source]]\nname = \"scale\"\ntype = \"serial\"\npath = \"" + wire_.near() +
                "\"\nquarantine_max_s = 1\npatterns = [\"ST,{weight}kg\"]\nignore = [\"US,*\"]\n"
                "channels = [{channel = \"weight\", unit = \"kg\", exp = -3}]\n" +
                rest);
  }
  void start_listening() {
    plug_in();
    start("");
    for (int i = 0; i < 200 && values("weight").empty(); ++i) {
      say("ST,+  1.250kg\r\n");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  // How often the node was told that a line could not be read.
  std::size_t not_a_number() {
    return static_cast<std::size_t>(std::ranges::count(
        node_->gaps()["weight"], static_cast<std::int64_t>(GapReason::kNotANumber),
        [](const auto& gap) { return gap.second; }));
  }

  test::Wire wire_{dir_};
  int far_fd_ = -1;
};

TEST_F(SerialProgramTest, EachLineOfAScaleIsAReadingAndAPulledPlugAGap) {
  start_listening();
  EXPECT_TRUE(came("weight", 1250));
  const auto before = values("weight").size();
  say("US,+  9.999kg\r\nST,-  0.004kg\r\nST,1.2.3kg\r\nST,+  2.000kg\r\n");
  EXPECT_TRUE(came("weight", -4));
  EXPECT_TRUE(came("weight", 2000));
  EXPECT_GT(values("weight").size(), before);
  EXPECT_TRUE(test::eventually([&] { return not_a_number() > 0; }));
  EXPECT_EQ(std::ranges::count(values("weight"), 9999), 0);
  EXPECT_EQ(lost("weight"), 0u);
  unplug();
  EXPECT_TRUE(test::eventually([&] { return lost("weight") > 0; }));
  plug_in();
  for (int i = 0; i < 200 && std::ranges::count(values("weight"), 3500) == 0; ++i) {
    say("ST,+  3.500kg\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(came("weight", 3500));
}

// A hundred lines a second were taken, and the rest was dated later and later.
TEST_F(SerialProgramTest, LinesThatComeFastAreDatedAsTheyCome) {
  start_listening();
  const auto begin = to_ms(SystemClock().now());
  for (int i = 0; i < 900; ++i) {
    say("ST,9.125kg\r\n");
    if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto took = to_ms(SystemClock().now()) - begin;
  ASSERT_TRUE(test::eventually([&] {
    const auto all = node_->series()["weight"];
    return std::ranges::count(all, 9125, [](const auto& r) { return r.second; }) == 900;
  }));
  const auto last = static_cast<std::int64_t>(node_->series()["weight"].back().first);
  EXPECT_LT(last - begin, took + 3000);
}

TEST_F(SerialProgramTest, AScaleThatIsAskedAnswersAndOneThatDoesNotIsAGap) {
  plug_in();
  start("send = \"P\\r\\n\"\ninterval_ms = 100\nresponse_timeout_ms = 2000\n");
  EXPECT_EQ(heard("P\r\n"), "P\r\n");
  say("\x02"
      "ST,  7.125kg\x03");
  EXPECT_TRUE(came("weight", 7125));
  EXPECT_TRUE(
      test::eventually([&] { return lost("weight") > 0; }));  // the next ones are unanswered
  bool answered = false;
  for (int i = 0; i < 100 && !answered; ++i) {
    if (!heard("P\r\n").empty()) say("ST,  8.000kg\r\n");
    answered = std::ranges::count(values("weight"), 8000) > 0;
  }
  EXPECT_TRUE(came("weight", 8000));
}

// A pseudo terminal has no parity bit: reading it as if it had would give wrong bytes.
TEST_F(SerialProgramTest, APortThatDoesNotTakeASettingIsAnError) {
  plug_in();
  SerialPort port;
  EXPECT_EQ(port.open({wire_.near(), 9600, 8, "even", 1}).code(), Errc::kConfig);
  EXPECT_TRUE(port.open({wire_.near(), 9600, 8, "none", 1}));
}

}  // namespace
}  // namespace lotmark::agent
