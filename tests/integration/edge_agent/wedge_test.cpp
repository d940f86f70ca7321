// A scanner's events through a FIFO, read by the program.
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/integration/edge_agent/agent_program.h"
#include "tests/unit/edge_agent/inputs/typing.h"

namespace lotmark::agent {
namespace {

class WedgeProgramTest : public test::AgentProgramTest {
 protected:
  ~WedgeProgramTest() override { unplug(); }

  // The program opened the device once the writing end opens without waiting.
  bool plug_in() {
    ::mkfifo(path().c_str(), 0600);
    return test::eventually([&] {
      fd_ = ::open(path().c_str(), O_WRONLY | O_NONBLOCK);
      return fd_ >= 0;
    });
  }
  void unplug() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    std::filesystem::remove(path());
  }
  void scan(const std::string& text) const {
    const auto bytes = test::event_bytes(test::typed(text));
    EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void start() {
    start_agent("[[source]]\nname = \"gate\"\ntype = \"wedge\"\npath = \"" + path() +
                "\"\nchannel = \"goods-in\"\ntimeout_ms = 1000\n");
  }
  std::vector<std::string> came() {
    std::vector<std::string> out;
    auto texts = node_->texts();  // a copy, which must outlive the loop
    for (const auto& [t, text] : texts["goods-in"]) out.push_back(text);
    return out;
  }
  bool comes(const std::string& text) {
    return test::eventually([&] { return std::ranges::count(came(), text) > 0; });
  }
  std::size_t gaps(GapReason reason) {
    return static_cast<std::size_t>(std::ranges::count(node_->gaps()["goods-in"],
                                                       static_cast<std::int64_t>(reason),
                                                       [](const auto& gap) { return gap.second; }));
  }
  std::string path() const { return dir_ / "scanner"; }

  int fd_ = -1;
};

TEST_F(WedgeProgramTest, EachScanIsATextAndHalfAScanAGap) {
  ::mkfifo(path().c_str(), 0600);
  start();
  ASSERT_TRUE(plug_in());
  const std::string element_string =
      "]C1010950600013435210Ab/7\x1d"
      "21X_1";
  scan(element_string + "\r");
  scan("(01)09506000134352\t");
  EXPECT_TRUE(comes(element_string));
  EXPECT_TRUE(comes("(01)09506000134352"));
  EXPECT_EQ(gaps(GapReason::kNotANumber), 0u);
  scan("09506");
  EXPECT_TRUE(test::eventually([&] { return gaps(GapReason::kNotANumber) > 0; }));
  scan("4006381333931\r");
  EXPECT_TRUE(comes("4006381333931"));
  EXPECT_EQ(came(),
            (std::vector<std::string>{element_string, "(01)09506000134352", "4006381333931"}));
  EXPECT_EQ(gaps(GapReason::kSensorLost), 0u);
}

TEST_F(WedgeProgramTest, AScannerThatIsAwayIsAGapUntilItIsBack) {
  start();  // before there is one
  EXPECT_TRUE(test::eventually([&] { return gaps(GapReason::kSensorLost) > 0; }));
  ASSERT_TRUE(plug_in());
  scan("1\r");
  EXPECT_TRUE(comes("1"));
  const auto before = gaps(GapReason::kSensorLost);
  scan("23");  // it is pulled while it scans
  unplug();
  EXPECT_TRUE(test::eventually([&] { return gaps(GapReason::kSensorLost) > before; }));
  ASSERT_TRUE(plug_in());
  scan("4\r");
  EXPECT_TRUE(comes("4"));
  EXPECT_EQ(came(), (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(gaps(GapReason::kNotANumber), 0u);
}

}  // namespace
}  // namespace lotmark::agent
