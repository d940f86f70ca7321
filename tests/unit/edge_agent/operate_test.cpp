// What the agent shows who watches it: metrics, health, the service manager.
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "edge-agent/operate/page.h"
#include "edge-agent/operate/service.h"
#include "edge-agent/reload.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using Steady = std::chrono::steady_clock;

Figures some_figures() {
  Figures f;
  f.counters = {{"readings", 7}};
  f.gauges = {{"outbox_bytes", 512}};
  f.certificates = {{"devices", 86400}};
  f.calibration_age = {{"a\"b", 366}};
  f.calibration_due = {{"a\"b", -1}};
  f.clock = "unset";
  f.sources = {{"probe", 3, 1}};
  f.signatures = 2;
  f.sign_seconds = 0.5;
  return f;
}

TEST(Figures, EachMetricHasHelpTypeAndValue) {
  const auto text = figures_text(some_figures());
  for (const char* line :
       {"# HELP lotmark_agent_readings_total ", "# TYPE lotmark_agent_readings_total counter\n",
        "\nlotmark_agent_readings_total 7\n", "\nlotmark_agent_outbox_bytes 512\n",
        "\nlotmark_agent_clock{state=\"unset\"} 1\n",
        "\nlotmark_agent_clock{state=\"synchronised\"} 0\n",
        "\nlotmark_agent_cert_expiry_seconds{broker=\"devices\"} 86400\n",
        "\nlotmark_agent_calibration_age_days{channel=\"a\\\"b\"} 366\n",
        "\nlotmark_agent_calibration_due_days{channel=\"a\\\"b\"} -1\n",
        "\nlotmark_agent_source_bad_total{source=\"probe\"} 1\n",
        "\nlotmark_agent_sign_seconds_sum 0.5\nlotmark_agent_sign_seconds_count 2\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
  EXPECT_EQ(text.find("\n\n"), std::string::npos);
}

TEST(Figures, StandingLoopFailingCommitsAndStallsAreTrouble) {
  FigureBoard board;
  const auto now = Steady::now();
  board.turned(now);
  EXPECT_EQ(board.trouble(now + std::chrono::seconds(29)), "");
  EXPECT_NE(board.trouble(now + std::chrono::seconds(31)), "");
  Figures f;
  f.stalled = true;
  board.set(f);
  EXPECT_EQ(board.trouble(now), "nothing is acked");
  f.conflict = true;
  board.set(f);
  EXPECT_TRUE(board.trouble(now).starts_with("the node holds other bundles")) << board.trouble(now);
  f.commits_fail = true;
  board.set(f);
  EXPECT_EQ(board.trouble(now), "commits fail");
}

class MetricsPageTest : public testing::Test {
 protected:
  MetricsPageTest() {
    board_.set(some_figures());
    page_ = std::move(*MetricsPage::open(0, board_));
  }
  int connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(page_->port());
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
    return fd;
  }
  std::string ask(const std::string& request) const {
    const int fd = connect();
    EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), ssize_t(request.size()));
    std::string out;
    char some[4096];
    for (ssize_t n; (n = ::recv(fd, some, sizeof some, 0)) > 0;) out.append(some, size_t(n));
    ::close(fd);
    return out;
  }
  FigureBoard board_;
  std::unique_ptr<MetricsPage> page_;
};

TEST_F(MetricsPageTest, GivesMetricsAndHealth) {
  const auto metrics = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(metrics.starts_with("HTTP/1.0 200 OK\r\n")) << metrics;
  EXPECT_NE(metrics.find("version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.find("lotmark_agent_readings_total 7\n"), std::string::npos);
  EXPECT_TRUE(ask("GET /healthz HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nok\n"));
  Figures f;
  f.stalled = true;
  board_.set(f);
  EXPECT_TRUE(ask("GET /healthz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 500 "));
}

TEST_F(MetricsPageTest, AnswersNothingElse) {
  EXPECT_TRUE(ask("GET /metricsx HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 404 "));
  EXPECT_TRUE(ask("POST /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 404 "));
  EXPECT_EQ(ask("GET /metrics HTTP/1.0\r\nx: " + std::string(1 << 16, 'y')), "");
}

TEST_F(MetricsPageTest, WhoSaysNothingHoldsUpTheNextForAWhileOnly) {
  const int silent = connect();
  EXPECT_TRUE(ask("GET /healthz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200"));
  ::close(silent);
}

TEST_F(MetricsPageTest, PortThatIsTakenIsAnError) {
  EXPECT_EQ(MetricsPage::open(page_->port(), board_).code(), Errc::kNetwork);
}

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = dir_ / "notify";
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    path.copy(a.sun_path, sizeof a.sun_path - 1);
    ASSERT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~ServiceTest() override { ::close(fd_); }
  std::string heard() const {
    char text[64];
    const auto n = ::recv(fd_, text, sizeof text, MSG_DONTWAIT);
    return n < 0 ? "" : std::string(text, static_cast<std::size_t>(n));
  }
  test::TempDir dir_;
  int fd_ = -1;
};

TEST_F(ServiceTest, TellsTheManagerAndHidesItFromChildren) {
  auto service = ServiceManager::from_environment();
  EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
  service.ready();
  EXPECT_EQ(heard(), "READY=1");
  service.alive(Steady::now());
  EXPECT_EQ(heard(), "") << "no watchdog was asked for";
  service.stopping();
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceTest, WatchdogHearsAtMostEveryQuarterOfItsTime) {
  ::setenv("WATCHDOG_USEC", "4000000", 1);
  auto service = ServiceManager::from_environment();
  const auto now = Steady::now();
  service.alive(now);
  EXPECT_EQ(heard(), "WATCHDOG=1");
  service.alive(now + std::chrono::milliseconds(900));
  EXPECT_EQ(heard(), "");
  service.alive(now + std::chrono::milliseconds(1100));
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(ServiceTest, WatchdogOfAnotherProcessIsNotOurs) {
  ::setenv("WATCHDOG_USEC", "4000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  auto service = ServiceManager::from_environment();
  service.alive(Steady::now());
  EXPECT_EQ(heard(), "");
}

Config base() {
  Config c;
  c.organisation = "acme";
  c.device = "line-1";
  c.broker.url = "ssl://a:1";
  c.sources.resize(1);
  c.sources[0].name = "probe";
  c.sources[0].options = ExecOptions{"probe", {"true"}, Restart::kAlways, {}};
  return c;
}

TEST(ReloadPlan, NothingDiffersBetweenTwoOfTheSame) {
  const auto plan = plan_reload(base(), base());
  EXPECT_EQ(plan.fixed, "");
  EXPECT_FALSE(plan.keys || plan.connection || plan.alarms);
  EXPECT_TRUE(same_source(base().sources[0], base().sources[0]));
}

TEST(ReloadPlan, SourcesAndPaceDoNotTouchWhatTheyDoNotConcern) {
  Config next = base();
  next.sources.push_back(next.sources[0]);
  next.outbox_max_bytes = 1 << 21;
  const auto plan = plan_reload(base(), next);
  EXPECT_EQ(plan.fixed, "");
  EXPECT_FALSE(plan.keys || plan.connection || plan.alarms);
}

TEST(ReloadPlan, AnotherBrokerOrDeviceBehindIsAnotherConnection) {
  Config next = base();
  next.broker.url = "ssl://b:1";
  EXPECT_TRUE(plan_reload(base(), next).connection);
  next = base();
  next.sources[0].options = FramesOptions{"probe", {}, "/dev/ttyUSB0", "start-1"};
  EXPECT_TRUE(plan_reload(base(), next).connection);
  EXPECT_FALSE(same_source(base().sources[0], next.sources[0]));
}

TEST(ReloadPlan, IdentityKeyAndFolderChangeOnlyWithARestart) {
  for (auto change : {+[](Config& c) { c.device = "line-2"; }, +[](Config& c) { c.bundle_s = 7; },
                      +[](Config& c) { c.key.file = "other.key"; },
                      +[](Config& c) { c.state_dir = "elsewhere"; }}) {
    Config next = base();
    change(next);
    EXPECT_NE(plan_reload(base(), next).fixed, "");
  }
}

}  // namespace
}  // namespace lotmark::agent
