// The agent with its record key in a token that is pulled out and put back.
#include "core/crypto/token_key.h"
#include "core/crypto/token_module.h"
#include "tests/integration/crypto/soft_token.h"
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using test::eventually;

class TokenAgentTest : public test::AgentTest {
 protected:
  static void SetUpTestSuite() {
    if (::lotmark::test::SoftToken::installed())
      token_ = std::make_unique<::lotmark::test::SoftToken>();
  }
  static void TearDownTestSuite() { token_.reset(); }
  void SetUp() override {
    if (!token_) GTEST_SKIP() << ::lotmark::test::SoftToken::kModule << " is not installed";
    uri_ = token_->uri(testing::UnitTest::GetInstance()->current_test_info()->name());
    const auto made = make_token_key(uri_);
    ASSERT_TRUE(made) << made.error().message();
    node_ = std::make_unique<test::ScriptedNode>(hub_.connect(), *made);
  }
  // Sessions end, and none can be opened without the PIN.
  void pull_out() {
    const auto uri = TokenUri::parse(uri_);
    auto session = TokenSession::open(*uri, false);
    ASSERT_TRUE(session);
    CK_SESSION_INFO info{};
    ASSERT_EQ(session->api().C_GetSessionInfo(session->handle(), &info), CKR_OK);
    std::filesystem::rename(token_->pin(), token_->dir() / "away");
    ASSERT_EQ(session->api().C_CloseAllSessions(info.slotID), CKR_OK);
  }
  void put_back() { std::filesystem::rename(token_->dir() / "away", token_->pin()); }
  // Counts on its channel, ten times a second.
  static SourceConfig counter(const std::string& name) {
    SourceConfig s;
    s.name = name;
    ExecOptions exec;
    exec.name = name;
    exec.command = {"/bin/sh", "-c",
                    "i=0; while :; do echo '[{\"n\":\"" + name +
                        "\",\"v\":'$i'}]'; i=$((i+1)); sleep 0.1; done"};
    s.options = exec;
    return s;
  }
  Config with_token() {
    Config c = config();
    c.bundle_s = 1;
    c.key = {{}, uri_};
    c.sources = {counter("i")};
    return c;
  }
  bool key_fails() {
    return agent_->board().trouble(std::chrono::steady_clock::now()) ==
           "the record key does not sign";
  }
  void expect_each_once(const std::string& channel) {
    const auto all = node_->series()[channel];
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i].second, 1000 * static_cast<std::int64_t>(i)) << "each once and in order";
    }
  }
  static std::unique_ptr<::lotmark::test::SoftToken> token_;
  std::string uri_;
};
std::unique_ptr<::lotmark::test::SoftToken> TokenAgentTest::token_;

TEST_F(TokenAgentTest, WithoutItsTokenForAWhileTheAgentLosesNoReading) {
  start(with_token());
  ASSERT_TRUE(eventually([&] { return node_->series()["i"].size() > 10; }));
  pull_out();
  ASSERT_TRUE(eventually([&] { return key_fails(); }));
  EXPECT_FALSE(ended_);
  const auto before = node_->series()["i"].size();
  put_back();
  ASSERT_TRUE(eventually([&] { return node_->series()["i"].size() > before + 20; }));
  EXPECT_TRUE(eventually([&] { return !key_fails(); }));
  stop();
  expect_each_once("i");
}

TEST_F(TokenAgentTest, AReloadAndAnAlarmMeanwhileWaitForIt) {
  Config c = with_token();
  c.sources.push_back(counter("j"));
  AlarmConfig alarm;
  alarm.rule = {"high", "i", AlarmKind::kAbove, {15, 0}, std::nullopt, std::chrono::seconds(0)};
  c.alarms = {alarm};
  start(c);
  ASSERT_TRUE(eventually([&] { return !node_->series()["j"].empty(); }));
  pull_out();
  ASSERT_TRUE(eventually([&] { return key_fails(); }));
  c.sources.pop_back();
  agent_->reload(c);
  std::this_thread::sleep_for(std::chrono::seconds(6));  // it was tried again meanwhile
  EXPECT_FALSE(ended_);
  put_back();
  ASSERT_TRUE(eventually([&] { return !node_->alarms().empty(); }));
  ASSERT_TRUE(eventually([&] { return agent_->generation() == 2; }));
  stop();
  EXPECT_EQ(node_->alarms().size(), 1u);
  expect_each_once("i");
  expect_each_once("j");
}

TEST_F(TokenAgentTest, StoppedRightAfterItCameBackItKeepsWhatWaited) {
  start(with_token());
  ASSERT_TRUE(eventually([&] { return node_->series()["i"].size() > 10; }));
  pull_out();
  ASSERT_TRUE(eventually([&] { return key_fails(); }));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const auto before = node_->series()["i"].size();
  put_back();
  stop();
  EXPECT_TRUE(status_) << status_.error().message();
  Config c = with_token();
  c.sources.clear();
  start(c);
  EXPECT_TRUE(eventually([&] { return node_->series()["i"].size() > before + 20; }));
  stop();
  expect_each_once("i");
}

}  // namespace
}  // namespace lotmark::agent
