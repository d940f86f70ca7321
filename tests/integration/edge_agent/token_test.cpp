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
  void SetUp() override {
    if (!::lotmark::test::SoftToken::installed())
      GTEST_SKIP() << ::lotmark::test::SoftToken::kModule << " is not installed";
    token_ = std::make_unique<::lotmark::test::SoftToken>();
    const auto made = make_token_key(token_->uri("record"));
    ASSERT_TRUE(made) << made.error().message();
    node_ = std::make_unique<test::ScriptedNode>(hub_.connect(), *made);
  }
  // Sessions end, and none can be opened without the PIN.
  void pull_out() {
    const auto uri = TokenUri::parse(token_->uri("record"));
    auto session = TokenSession::open(*uri, false);
    ASSERT_TRUE(session);
    CK_SESSION_INFO info{};
    ASSERT_EQ(session->api().C_GetSessionInfo(session->handle(), &info), CKR_OK);
    std::filesystem::rename(token_->pin(), token_->dir() / "away");
    ASSERT_EQ(session->api().C_CloseAllSessions(info.slotID), CKR_OK);
  }
  void put_back() { std::filesystem::rename(token_->dir() / "away", token_->pin()); }
  // One more reading each time a file appears.
  SourceConfig counter() {
    SourceConfig s;
    s.name = "counter";
    ExecOptions exec;
    exec.name = "counter";
    exec.command = {
        "/bin/sh", "-c",
        "i=0; while :; do echo '[{\"n\":\"i\",\"v\":'$i'}]'; i=$((i+1)); sleep 0.1; done"};
    s.options = exec;
    return s;
  }
  std::unique_ptr<::lotmark::test::SoftToken> token_;
};

TEST_F(TokenAgentTest, WithoutItsTokenForAWhileTheAgentLosesNoReading) {
  Config c = config();
  c.bundle_s = 1;
  c.key = {{}, token_->uri("record")};
  c.sources = {counter()};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->series()["i"].size() > 10; }));
  pull_out();
  ASSERT_TRUE(eventually([&] {
    return agent_->board().trouble(std::chrono::steady_clock::now()) ==
           "the record key does not sign";
  }));
  EXPECT_FALSE(ended_);
  const auto before = node_->series()["i"].size();
  put_back();
  ASSERT_TRUE(eventually([&] { return node_->series()["i"].size() > before + 20; }));
  EXPECT_EQ(agent_->board().trouble(std::chrono::steady_clock::now()), "");
  stop();
  const auto all = node_->series()["i"];
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].second, 1000 * static_cast<std::int64_t>(i)) << "each once and in order";
  }
}

}  // namespace
}  // namespace lotmark::agent
