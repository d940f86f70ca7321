// Signed commands of a node, obeyed by the whole agent on a broker in memory.
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using test::eventually;

class CommandTest : public test::AgentTest {
 protected:
  void run(Config c) {
    start(std::move(c));
    ASSERT_TRUE(eventually([&] { return !node_->births().empty(); }));
  }
  Command make(CommandKind kind, std::uint64_t counter) const {
    Command c;
    c.device = signer_->kid();
    c.counter = counter;
    c.expiry = static_cast<std::uint64_t>(to_ms(clock_.now())) + 60000;
    c.command = kind;
    if (kind == CommandKind::kResend) c.from = 1;
    return c;
  }
  static SourceConfig speaks_once() {
    SourceConfig s;
    s.name = "air";
    ExecOptions exec;
    exec.name = "air";
    exec.command = {"sh", "-c", "echo '[{\"n\":\"t\",\"u\":\"Cel\",\"v\":4.25}]'; exec sleep 600"};
    s.options = exec;
    return s;
  }
  void send(const Command& c, const Signer& signer) { send(seal(c, signer, test::chain())->bytes); }
  void send(const Command& c) { send(c, node_->enterprise()); }
  void send(const Bytes& bytes) {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/command", bytes, false, {}));
  }
  // Messages take their time; the page is written at most once a second, and after something came in.
  void expect(std::uint64_t obeyed, std::uint64_t refused) {
    const auto says = [&](const char* what, std::uint64_t count) {
      const auto line = fmt::format("\nlotmark_agent_{}_total {}\n", what, count);
      return agent_->board().text().find(line) != std::string::npos;
    };
    EXPECT_TRUE(eventually([&] {
      (void)node_->bus().publish("lotmark/v1/acme/line-1/ack", Bytes(1), false, {});
      return says("commands", obeyed) && says("commands_refused", refused);
    }));
    stop();
    EXPECT_EQ(counts_.commands, obeyed);
    EXPECT_EQ(counts_.commands_refused, refused);
  }
};

TEST_F(CommandTest, SealNowBundlesWhatALiveSourceSaid) {
  Config c = config();
  c.bundle_s = 3600;
  c.sources = {speaks_once()};
  run(c);
  EXPECT_EQ(node_->through(), 0u);
  std::uint64_t counter = 0;
  EXPECT_TRUE(eventually([&] {
    send(make(CommandKind::kSealNow, ++counter));  // until the source has spoken
    return node_->through() == 1;
  }));
  EXPECT_EQ(node_->series()["t"].size(), 1u);
  expect(counter, 0);
}

// Windows of live sources wait for one another before they are committed; a command waits for nobody.
TEST_F(CommandTest, SealNowIsOnDiskInTheTurnThatObeysIt) {
  Config c = config();
  c.bundle_s = 3600;
  c.sources = {speaks_once()};
  std::atomic<bool> spoken = false;
  std::atomic<std::uint64_t> obeyed = 0;
  std::uint64_t durable = 0;
  before_run_ = [&] {
    agent_->on_turn([&] {  // by the working thread, whose counts they are
      spoken = agent_->counts().readings > 0;
      if (agent_->counts().commands == 0 || obeyed > 0) return;
      durable = agent_->counts().bundles;
      obeyed = agent_->counts().commands;
    });
  };
  run(c);
  ASSERT_TRUE(eventually([&] { return spoken.load(); }));
  send(make(CommandKind::kSealNow, 1));
  ASSERT_TRUE(eventually([&] { return obeyed > 0; }));
  stop();
  EXPECT_EQ(durable, 1u);
}

TEST_F(CommandTest, ACommandPlayedBackIsRefusedAlsoAfterARestart) {
  run(config());
  const auto once = seal(make(CommandKind::kSealNow, 7), node_->enterprise(), test::chain())->bytes;
  send(once);
  send(once);
  expect(1, 1);
  start(config());
  ASSERT_TRUE(eventually([&] { return node_->births().back().session == 2; }));
  send(once);
  send(make(CommandKind::kSealNow, 8));
  expect(1, 1);
}

TEST_F(CommandTest, WhatIsNotGenuineNotForUsOrTooLateIsRefused) {
  run(config());
  send(make(CommandKind::kSealNow, 1), node_->reviewer());
  Command other = make(CommandKind::kSealNow, 2);
  other.device = node_->enterprise().kid();
  send(other);
  Command late = make(CommandKind::kSealNow, 3);
  late.expiry = static_cast<std::uint64_t>(to_ms(clock_.now())) - 1;
  send(late);
  Bytes damaged = seal(make(CommandKind::kSealNow, 4), node_->enterprise(), test::chain())->bytes;
  damaged.back() ^= 1;
  send(damaged);
  send(Bytes(100000, 0xd2));
  send(Bytes{});
  send(make(CommandKind::kSealNow, 1));  // none of them moved the counter
  expect(1, 6);
}

TEST_F(CommandTest, ResendSendsAgainWhatIsKept) {
  node_->mute(true);  // nothing is acked
  Config c = config();
  c.resend_s = 3600;
  c.sources = {replay(50)};
  run(c);
  ASSERT_TRUE(eventually([&] { return node_->arrived() == 5; }));
  send(make(CommandKind::kResend, 1));
  EXPECT_TRUE(eventually([&] { return node_->arrived() == 10; }));
  expect(1, 0);
}

TEST_F(CommandTest, WithoutAProgramAroundItCheckIsRefused) {
  run(config());
  send(make(CommandKind::kCheck, 1));
  expect(0, 1);
}

TEST_F(CommandTest, CheckDiagAndReloadAreHandedToTheProgram) {
  std::vector<CommandKind> asked;
  before_run_ = [&] { agent_->on_command([&](CommandKind kind) { asked.push_back(kind); }); };
  run(config());
  const std::vector all = {CommandKind::kCheck, CommandKind::kDiag, CommandKind::kReload};
  std::uint64_t counter = 0;
  for (const auto kind : all) send(make(kind, ++counter));
  expect(3, 0);
  EXPECT_EQ(asked, all);
}

}  // namespace
}  // namespace lotmark::agent
