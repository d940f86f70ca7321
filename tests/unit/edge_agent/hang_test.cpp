// A chip whose read does not come back, as one on a stuck bus: a FIFO that nobody writes to blocks as the kernel would.
#include <fcntl.h>
#include <sys/stat.h>

#include <thread>

#include "edge-agent/source/sysfs/sysfs.h"
#include "tests/unit/edge_agent/heard.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class HangTest : public testing::Test {
 protected:
  HangTest() {
    chip(0, "stuck");
    chip(1, "well");
    ::mkfifo(fifo().c_str(), 0600);
    dir_.write("class/hwmon/hwmon1/temp1_input", "4875\n");
    SysfsOptions o;
    o.name = "room";
    o.root = dir_ / "";
    o.timing.interval = 20ms;
    o.timing.degrade_after = 1000;
    o.patience = 200ms;
    for (const char* name : {"stuck", "well"}) {
      SysfsChannel c;
      c.is.channel = name;
      c.is.unit = "Cel";
      c.is.exp = -3;
      c.device = *read_sysfs_device(std::string("hwmon:") + name);
      c.attribute = "temp1";
      o.channels.push_back(std::move(c));
    }
    source_ = make_source(o, {clock_, {}, {}});
  }
  ~HangTest() override {
    stop();
    let_go();
  }
  void run() {
    thread_ = std::thread([this] { EXPECT_TRUE(source_->run(sink_)); });
  }
  void stop() {
    if (source_) source_->stop();
    if (thread_.joinable()) thread_.join();
  }
  // Whoever is in the FIFO comes back; from now on the chip answers.
  void let_go() {
    const int fd = ::open(fifo().c_str(), O_WRONLY | O_NONBLOCK);
    if (fd < 0) return;
    fs::remove(fifo());
    dir_.write("class/hwmon/hwmon0/temp1_input", "5000\n");
    EXPECT_EQ(::write(fd, "1\n", 2), 2);
    ::close(fd);
  }
  bool hangs() {
    return test::eventually([&] { return sink_.count("stuck", true) > 0; });
  }

 private:
  void chip(int number, const std::string& name) {
    const std::string folder = "class/hwmon/hwmon" + std::to_string(number);
    fs::create_directories(dir_ / folder);
    dir_.write(folder + "/name", name + "\n");
  }
  std::string fifo() const { return dir_ / "class/hwmon/hwmon0/temp1_input"; }

 protected:
  test::TempDir dir_;
  SystemClock clock_;
  test::Heard sink_;
  std::unique_ptr<Source> source_;
  std::thread thread_;
};

TEST_F(HangTest, AReadThatHangsIsAGapAndDoesNotStallTheOthers) {
  run();
  ASSERT_TRUE(hangs());
  const auto before = sink_.count("well", false);
  EXPECT_TRUE(test::eventually([&] { return sink_.count("well", false) > before + 10; }));
  EXPECT_EQ(sink_.count("stuck", false), 0u);
}

TEST_F(HangTest, ADeviceThatComesBackIsReadAgain) {
  run();
  ASSERT_TRUE(hangs());
  let_go();
  EXPECT_TRUE(test::eventually([&] { return sink_.count("stuck", false) > 3; }));
}

TEST_F(HangTest, AReadThatHangsDoesNotHoldUpTheEnd) {
  run();
  ASSERT_TRUE(hangs());
  const auto begin = std::chrono::steady_clock::now();
  stop();
  source_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  let_go();
  std::this_thread::sleep_for(100ms);  // it comes back to nobody
}

}  // namespace
}  // namespace lotmark::agent
