// A stop event, and programs with their ends in pipes.
#include <pthread.h>
#include <signal.h>

#include <thread>

#include "edge-agent/source/run_child.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

// A signal that does nothing but interrupt a wait, sent to the thread that makes one until it goes.
class Interrupts {
 public:
  Interrupts()
      : thread_([this, whom = ::pthread_self()] {
          while (!over_) {
            ::pthread_kill(whom, SIGUSR1);
            std::this_thread::sleep_for(10ms);
          }
        }) {}
  ~Interrupts() {
    over_ = true;
    thread_.join();
  }
  static void prepare() {
    struct sigaction does_nothing {};
    does_nothing.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &does_nothing, nullptr);
  }

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

TEST(StopEvent, ASignalDoesNotEndAPause) {
  Interrupts::prepare();
  const StopEvent stop;
  const Interrupts interrupts;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(stop.pause_ms(200));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
}

TEST(StopEvent, IsNotSetByASignal) {
  Interrupts::prepare();
  const StopEvent stop;
  const Interrupts interrupts;
  for (int i = 0; i < 2000; ++i) ASSERT_FALSE(stop.is_set());
}

TEST(StopEvent, EndsAPause) {
  StopEvent stop;
  stop.set();
  EXPECT_FALSE(stop.pause_ms(60000));
  EXPECT_TRUE(stop.is_set());
}

TEST(RunChild, AnswersWithWhatTheProgramWrote) {
  const StopEvent never;
  ChildRun run;
  run.command = {"sh", "-c", "cat; printf %s \"$LOTMARK_WORD\""};
  run.environment = {{"LOTMARK_WORD", "two"}};
  run.input = "one ";
  const auto said = run_child(run, never);
  ASSERT_TRUE(said) << said.error().message();
  EXPECT_EQ(*said, "one two");
}

TEST(RunChild, AProgramThatNeverReadsItsInputHoldsUpNobody) {
  const StopEvent never;
  const std::string much(32 * 1024, 'x');
  ChildRun run;
  run.command = {"true"};
  run.input = much;
  EXPECT_TRUE(run_child(run, never));
  run.command = {"no-such-program-of-lotmark"};
  EXPECT_EQ(run_child(run, never).code(), Errc::kIo);
}

// What the program left behind has its pipe.
TEST(Line, AProgramThatEndedIsOverWhoeverHoldsItsPipe) {
  auto line = Line::spawn({"/bin/sh", "-c", "echo last; sleep 60 & exit 1"});
  ASSERT_TRUE(line);
  const StopEvent never;
  std::uint8_t buffer[16];
  std::size_t all = 0;
  for (;;) {
    const auto got = line->read(buffer, sizeof buffer, never);
    ASSERT_TRUE(got);
    if (*got == 0) break;
    all += *got;
  }
  EXPECT_EQ(all, 5u);
}

TEST(Line, SpeaksWithAProgram) {
  const StopEvent never;
  auto line = Line::spawn({"cat"});
  ASSERT_TRUE(line);
  ASSERT_TRUE(line->write(as_bytes("there and back")));
  std::uint8_t back[64];
  const auto got = line->read(back, sizeof back, never);
  ASSERT_TRUE(got);
  EXPECT_EQ(as_text(ByteView(back, *got)), "there and back");
}

}  // namespace
}  // namespace lotmark::agent
