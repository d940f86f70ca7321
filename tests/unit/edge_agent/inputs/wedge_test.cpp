// A scanner's events through a FIFO, and a source that hands them on to who takes nothing for a while.
#include "edge-agent/source/wedge/wedge.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/edge_agent/fixture.h"
#include "tests/unit/edge_agent/heard.h"
#include "tests/unit/edge_agent/inputs/typing.h"

namespace lotmark::agent {
namespace {

class WedgeSourceTest : public testing::Test {
 protected:
  WedgeSourceTest() {
    options_.name = options_.channel = "gate";
    options_.path = dir_ / "scanner";
    options_.scan.timeout = std::chrono::minutes(10);
    EXPECT_EQ(::mkfifo(options_.path.c_str(), 0600), 0);
    fd_ = ::open(options_.path.c_str(), O_RDWR | O_CLOEXEC);  // it never ends
    EXPECT_GE(fd_, 0);
    source_ = std::make_unique<WedgeSource>(options_, clock_);
    thread_ = std::thread([this] { EXPECT_TRUE(source_->run(heard_)); });
  }
  ~WedgeSourceTest() override {
    heard_.set_full(false);
    source_->stop();
    thread_.join();
    ::close(fd_);
  }
  void scan(const std::string& text) const {
    const auto bytes = test::event_bytes(test::typed(text));
    EXPECT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  template <class Condition>
  static bool comes(Condition condition) {
    for (int i = 0; i < 400 && !condition(); ++i) std::this_thread::sleep_for(Millis(50));
    return condition();
  }

  test::TempDir dir_;
  SystemClock clock_;
  WedgeOptions options_;
  test::Heard heard_;
  int fd_ = -1;
  std::unique_ptr<WedgeSource> source_;
  std::thread thread_;
};

// Goods of hours ago were signed as scanned when the outbox had room again.
TEST_F(WedgeSourceTest, WhatWasScannedWhileTheAgentTookNothingIsAGapAndNotDatedNow) {
  heard_.set_full(true);
  scan("1\r2\r");
  ASSERT_TRUE(comes([&] { return heard_.holds_back(); }));
  scan("3\r4");
  std::this_thread::sleep_for(Millis(2200));
  heard_.set_full(false);
  ASSERT_TRUE(comes([&] { return heard_.of("gate").size() == 3; }));
  scan("5\r6\r");  // the rest of the scan that was under way, and another
  ASSERT_TRUE(comes([&] { return heard_.has("gate", "6"); }));
  EXPECT_EQ(heard_.of("gate"), (std::vector<std::string>{"1", "gap 3", "gap 3", "6"}));
}

TEST_F(WedgeSourceTest, ShortWaitsLoseNoScan) {
  heard_.set_full(true);
  scan("1\r");
  ASSERT_TRUE(comes([&] { return heard_.holds_back(); }));
  scan("2\r");
  heard_.set_full(false);
  ASSERT_TRUE(comes([&] { return heard_.has("gate", "2"); }));
  EXPECT_EQ(heard_.of("gate"), (std::vector<std::string>{"1", "2"}));
}

}  // namespace
}  // namespace lotmark::agent
