#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <condition_variable>
#include <thread>

#include "edge-agent/alarm/desk.h"
#include "tests/eventually.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using lotmark::test::eventually;
using namespace std::chrono_literals;
constexpr std::int64_t kT = 1767600000000;

Decimal dec(std::string_view text) { return *parse_decimal(text); }

TEST(Decimals, CompareExactlyAcrossExponents) {
  EXPECT_EQ(compare({800, -2}, dec("8")), 0);
  EXPECT_GT(compare({801, -2}, dec("8")), 0);
  EXPECT_LT(compare({799, -2}, dec("8.00")), 0);
  EXPECT_LT(compare({-1, 0}, dec("-0.5")), 0);
  EXPECT_GT(compare({1, 18}, {9007199254740991, -18}), 0);
  EXPECT_LT(compare({-1, 18}, {-9007199254740991, -18}), 0);
  EXPECT_LT(compare({9007199254740991, -18}, {1, 18}), 0);
  EXPECT_EQ(compare({0, 5}, {0, -5}), 0);
  for (const char* bad : {"", ".", "8.", "1e3", "x", "0.1234567890123456", "99999999999999999"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
}

// Rules on the channel "cold"; seconds of a clock that is told.
class Rules : public testing::Test {
 protected:
  std::vector<AlarmEvent> add(int s, std::int64_t value, bool live = true) {
    std::vector<AlarmEvent> out;
    watch().note(test::quantity("cold", kT + s * 1000, value), live, at(s), out);
    return out;
  }
  std::vector<AlarmEvent> tick(int s) {
    std::vector<AlarmEvent> out;
    watch().tick(from_ms(kT + s * 1000), at(s), out);
    return out;
  }
  AlarmWatch::Monotonic at(int s) const { return begin_ + std::chrono::seconds(s); }
  AlarmWatch& watch() {
    if (!watch_) watch_.emplace(rules_, begin_);
    return *watch_;
  }
  std::vector<AlarmRule> rules_;
  const AlarmWatch::Monotonic begin_{};
  std::optional<AlarmWatch> watch_;
};

TEST_F(Rules, LimitItselfIsNoAlarmAndBeyondIsOneUntilItIsBack) {
  rules_ = {{"warm", "cold", AlarmKind::kAbove, dec("8"), std::nullopt, 0s}};
  EXPECT_TRUE(add(0, 800).empty());
  const auto raised = add(1, 801);
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_TRUE(raised[0].raised);
  EXPECT_EQ(raised[0].t, kT + 1000);
  EXPECT_TRUE(add(2, 900).empty()) << "said already";
  const auto ended = add(3, 800);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_FALSE(ended[0].raised);
}

TEST_F(Rules, DelayMustBePassedWithoutABreak) {
  rules_ = {{"frost", "cold", AlarmKind::kBelow, dec("2"), std::nullopt, 60s}};
  EXPECT_TRUE(add(0, 199).empty());
  EXPECT_TRUE(add(30, 200).empty());
  EXPECT_TRUE(add(40, 150).empty());
  EXPECT_TRUE(add(99, 150).empty());
  EXPECT_EQ(add(100, 150).size(), 1u);
}

TEST_F(Rules, DelayEndsWithoutAnotherReading) {
  rules_ = {{"warm", "cold", AlarmKind::kAbove, dec("8"), std::nullopt, 60s}};
  EXPECT_FALSE(watch().deadline());
  EXPECT_TRUE(add(0, 900).empty());
  EXPECT_EQ(watch().deadline(), at(60));
  EXPECT_TRUE(tick(59).empty());
  const auto raised = tick(60);
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].t, kT + 60000);
  EXPECT_EQ(std::get<std::int64_t>(raised[0].reading->value), 900);
  EXPECT_FALSE(watch().deadline());
}

TEST_F(Rules, ClearLimitKeepsAFlutteringValueFromManyAlarms) {
  rules_ = {{"warm", "cold", AlarmKind::kAbove, dec("8"), dec("7.5"), 0s}};
  EXPECT_EQ(add(0, 801).size(), 1u);
  EXPECT_TRUE(add(1, 799).empty());
  EXPECT_TRUE(add(2, 801).empty());
  EXPECT_EQ(add(3, 750).size(), 1u);
}

TEST_F(Rules, SilenceIsRaisedByTimeAndEndedByAReadingNotByAGap) {
  rules_ = {{"dead", "cold", AlarmKind::kSilent, {}, std::nullopt, 90s}};
  EXPECT_TRUE(tick(89).empty());
  const auto never_heard = tick(90);
  ASSERT_EQ(never_heard.size(), 1u);
  EXPECT_FALSE(never_heard[0].reading);
  std::vector<AlarmEvent> out;
  Reading gap = test::quantity("cold", kT, 0);
  gap.value = GapReason::kSensorLost;
  watch().note(gap, true, at(100), out);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(add(110, 500).size(), 1u);
  EXPECT_EQ(watch().deadline(), at(200));
  EXPECT_EQ(tick(200).size(), 1u);
}

TEST_F(Rules, RecordedInputIsMeasuredByItsOwnTimesAndNeverByTheClock) {
  rules_ = {{"warm", "cold", AlarmKind::kAbove, dec("8"), std::nullopt, 60s}};
  EXPECT_TRUE(add(0, 900, false).empty());
  EXPECT_FALSE(watch().deadline());
  EXPECT_TRUE(tick(1000).empty());
  std::vector<AlarmEvent> out;
  watch().note(test::quantity("cold", kT + 60000, 900), false, at(1), out);
  EXPECT_EQ(out.size(), 1u);
}

// What programs and the agent are told.
class Desk : public testing::Test {
 protected:
  ActionRunner::Options options() {
    ActionRunner::Options o;
    o.webhook_program = std::string(LOTMARK_BIN_DIR) + "/lotmark-edge-webhook";
    o.timeout = 5s;
    o.retry = 50ms;
    return o;
  }
  std::string content(const std::string& name) {
    std::ifstream in(dir_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  AlarmConfig warm(AlarmActions actions) {
    return {{"warm", "cold", AlarmKind::kAbove, dec("8"), std::nullopt, 0s}, std::move(actions)};
  }
  test::TempDir dir_;
  SystemClock clock_;
};

TEST_F(Desk, ProgramGetsTheAlarmInItsEnvironmentAndInput) {
  ActionRunner runner(options(), nullptr);
  const std::string script = "cat > " + dir_ / "in" +
                             "; echo \"$LOTMARK_ALARM $LOTMARK_ALARM_STATE $LOTMARK_ALARM_VALUE "
                             "$LOTMARK_ALARM_UNIT $LOTMARK_ALARM_DEVICE\" >> " +
                             dir_ / "out";
  AlarmDesk desk({warm({{"/bin/sh", "-c", script}, "", ""})}, "acme/line-1", clock_, runner, {});
  const auto raised = desk.note({test::quantity("cold", kT, 940)}, false);
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].rule, "warm");
  ASSERT_TRUE(eventually([&] { return runner.done() == 1; }));
  EXPECT_EQ(content("out"), "warm raised 9.40 Cel acme/line-1\n");
  EXPECT_EQ(content("in"), R"({"alarm":"warm","channel":"cold","device":"acme/line-1",)"
                           R"("state":"raised","time":"2026-01-05T08:00:00.000Z",)"
                           R"("unit":"Cel","value":"9.40"})");
  EXPECT_EQ(desk.note({test::quantity("cold", kT + 1, 300)}, false)[0].rule, "warm/cleared");
  EXPECT_TRUE(eventually([&] { return runner.done() == 2; }));
}

TEST_F(Desk, RecordedInputIsSignedAndActsOnNothing) {
  ActionRunner runner(options(), nullptr);
  AlarmDesk desk({warm({{"/bin/false"}, "", ""})}, "acme/line-1", clock_, runner, {});
  EXPECT_EQ(desk.note({test::quantity("cold", kT, 940)}, true).size(), 1u);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(runner.done() + runner.failed(), 0u);
}

TEST_F(Desk, ProgramThatHangsOrFailsIsEndedAndCounted) {
  auto o = options();
  o.timeout = 200ms;
  ActionRunner runner(o, nullptr);
  runner.tell("a", {{"/bin/sleep", "60"}, "", ""}, std::make_shared<AlarmNotice>());
  runner.tell("b", {{"/bin/false"}, "", ""}, std::make_shared<AlarmNotice>());
  runner.tell("c", {{"/no/such/program"}, "", ""}, std::make_shared<AlarmNotice>());
  EXPECT_TRUE(eventually([&] { return runner.failed() == 3; }));
}

TEST_F(Desk, EndsAtOnceWhileAProgramRuns) {
  auto runner = std::make_unique<ActionRunner>(options(), nullptr);
  const std::string script = "echo $$ > " + dir_ / "pid" + "; exec sleep 60";
  runner->tell("a", {{"/bin/sh", "-c", script}, "", ""}, std::make_shared<AlarmNotice>());
  ASSERT_TRUE(eventually([&] { return content("pid").ends_with('\n'); }));
  const pid_t child = std::stoi(content("pid"));
  runner.reset();
  EXPECT_EQ(::kill(child, 0), -1) << "the program outlives the agent";
}

// With the network cut each webhook takes its whole time, and a siren waited for all of them.
TEST_F(Desk, ProgramWaitsForNoWebhook) {
  auto o = options();
  o.webhook_program = "/bin/sleep";
  o.timeout = 60s;
  ActionRunner runner(o, nullptr);
  runner.tell("far", {{}, "60", ""}, std::make_shared<AlarmNotice>());
  runner.tell("siren", {{"/bin/true"}, "", ""}, std::make_shared<AlarmNotice>());
  EXPECT_TRUE(eventually([&] { return runner.done() == 1; }));
}

TEST_F(Desk, WebhookWaitsForNoProgramThatHangs) {
  auto o = options();
  o.webhook_program = "/bin/true";
  o.timeout = 60s;
  ActionRunner runner(o, nullptr);
  runner.tell("hangs", {{"/bin/sleep", "60"}, "", ""}, std::make_shared<AlarmNotice>());
  runner.tell("far", {{}, "https://alerts.example/", ""}, std::make_shared<AlarmNotice>());
  EXPECT_TRUE(eventually([&] { return runner.done() == 1; }));
}

TEST_F(Desk, WebhooksThatPileUpDropNoProgram) {
  auto o = options();
  o.webhook_program = "/bin/sleep";
  o.timeout = 60s;
  o.waiting_max = 1;
  ActionRunner runner(o, nullptr);
  const std::string hold =
      "echo > " + dir_ / "busy" + "; while [ ! -e " + dir_ / "go" + " ]; do sleep 0.05; done";
  runner.tell("holds", {{"/bin/sh", "-c", hold}, "", ""}, std::make_shared<AlarmNotice>());
  ASSERT_TRUE(eventually([&] { return !content("busy").empty(); }));
  runner.tell("siren", {{"/bin/true"}, "", ""}, std::make_shared<AlarmNotice>());
  for (int i = 0; i < 3; ++i) {
    runner.tell("far", {{}, "60", ""}, std::make_shared<AlarmNotice>());
  }
  EXPECT_GT(runner.failed(), 0u) << "of the webhooks one alone may wait";
  dir_.write("go", "");
  EXPECT_TRUE(eventually([&] { return runner.done() == 2; }));
}

// A receiver that hears of the end first stays at "raised".
TEST_F(Desk, WhatIsTriedAgainIsToldBeforeWhatCameOfItsRuleSince) {
  auto o = options();
  const std::string first = dir_ / "first";
  o.webhook_program = dir_.write("hook", "#!/bin/sh\n[ -e " + first + " ] || { : > " + first +
                                             "; exit 1; }\ncat >> " + (dir_ / "told") + "\n");
  std::filesystem::permissions(o.webhook_program, std::filesystem::perms(0700));
  o.retry = 300ms;
  ActionRunner runner(o, nullptr);
  for (const char* state : {"raised ", "cleared "}) {
    auto notice = std::make_shared<AlarmNotice>();
    notice->json = state;
    runner.tell("warm", {{}, "https://x.example", ""}, notice);
  }
  ASSERT_TRUE(eventually([&] { return runner.done() == 2; }));
  EXPECT_EQ(content("told"), "raised cleared ");
}

TEST_F(Desk, ARuleThatFlapsPushesOutNoOther) {
  auto o = options();
  o.waiting_max = 16;
  ActionRunner runner(o, nullptr);
  const std::string go = dir_ / "go";
  runner.tell("slow", {{"/bin/sh", "-c", "until [ -e " + go + " ]; do sleep 0.01; done"}, "", ""},
              std::make_shared<AlarmNotice>());
  runner.tell("siren", {{"/bin/sh", "-c", "echo on > " + dir_ / "siren"}, "", ""},
              std::make_shared<AlarmNotice>());
  for (int i = 0; i < 1000; ++i) {
    runner.tell("flaps", {{"/bin/true"}, "", ""}, std::make_shared<AlarmNotice>());
  }
  (void)dir_.write("go", "");
  EXPECT_TRUE(eventually([&] { return content("siren") == "on\n"; }));
}

TEST_F(Desk, SilenceIsToldWithoutAReading) {
  ActionRunner runner(options(), nullptr);
  std::mutex mutex;
  std::vector<SignedAlarm> got;
  AlarmDesk desk({{{"dead", "cold", AlarmKind::kSilent, {}, std::nullopt, 1s}, {}}}, "acme/line-1",
                 clock_, runner, [&](SignedAlarm a) {
                   std::lock_guard lock(mutex);
                   got.push_back(std::move(a));
                 });
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return got.size() == 1 && got[0].rule == "dead";
  }));
}

TEST_F(Desk, TopicOfTheAlarmsBrokerGetsTheNotice) {
  bus::MemoryHub hub;
  auto listener = hub.connect();
  std::mutex mutex;
  std::string got;
  listener->subscribe("site/alarms", [&](const bus::Message& m) {
    std::lock_guard lock(mutex);
    got = std::string(as_text(m.payload));
  });
  ASSERT_TRUE(listener->start());
  auto mine = hub.connect();
  ASSERT_TRUE(mine->start());
  ActionRunner runner(options(), std::move(mine));
  auto notice = std::make_shared<AlarmNotice>();
  notice->json = "{}";
  runner.tell("a", {{}, "", "site/alarms"}, notice);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return got == "{}";
  }));
}

// Answers one request after another with the given statuses; keeps the last body.
class Hook {
 public:
  explicit Hook(std::vector<int> statuses) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&a), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&a), &size), 0);
    port_ = ntohs(a.sin_port);
    thread_ = std::thread([this, statuses] {
      for (int status : statuses) serve(status);
    });
  }
  ~Hook() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  std::string body() const { return request_.substr(request_.find("\r\n\r\n") + 4); }

 private:
  void serve(int status) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    std::string got;
    char buffer[4096];
    while (got.find('}') == std::string::npos) {
      const auto n = ::read(fd, buffer, sizeof buffer);
      if (n <= 0) break;
      got.append(buffer, static_cast<std::size_t>(n));
    }
    request_ = got;
    const std::string answer = "HTTP/1.1 " + std::to_string(status) +
                               " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    (void)!::write(fd, answer.data(), answer.size());
    ::close(fd);
  }
  int listener_;
  int port_ = 0;
  std::string request_;
  std::thread thread_;
};

TEST_F(Desk, WebhookIsTriedAgainUntilItAnswersWell) {
  auto hook = std::make_unique<Hook>(std::vector<int>{503, 302, 200});
  ActionRunner runner(options(), nullptr);
  auto notice = std::make_shared<AlarmNotice>();
  notice->json = R"({"alarm":"warm"})";
  runner.tell("warm", {{}, hook->url(), ""}, notice);
  EXPECT_TRUE(eventually([&] { return runner.done() == 1; }));
  EXPECT_EQ(hook->body(), notice->json);
}

TEST_F(Desk, WebhookThatNeverAnswersIsGivenUp) {
  auto o = options();
  o.attempts = 3;
  ActionRunner runner(o, nullptr);
  runner.tell("warm", {{}, "http://127.0.0.1:1/", ""}, std::make_shared<AlarmNotice>());
  EXPECT_TRUE(eventually([&] { return runner.failed() == 1; }));
}

}  // namespace
}  // namespace lotmark::agent
