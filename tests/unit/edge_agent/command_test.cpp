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
  void send(const Command& c, const Signer& signer) { send(seal(c, signer, test::chain())->bytes); }
  void send(const Command& c) { send(c, node_->enterprise()); }
  void send(const Bytes& bytes) {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/command", bytes, false, {}));
  }
  // What the page says once it says so.
  bool figure(const std::string& name, int value) {
    const std::string line = "\nlotmark_agent_" + name + " " + std::to_string(value) + "\n";
    return eventually([&] { return agent_->board().text().find(line) != std::string::npos; });
  }
};

TEST_F(CommandTest, SealNowBundlesWhatALiveSourceSaid) {
  Config c = config();
  c.bundle_s = 3600;
  SourceConfig s;
  s.name = "air";
  ExecOptions exec;
  exec.name = "air";
  exec.command = {"sh", "-c", "echo '[{\"n\":\"t\",\"u\":\"Cel\",\"v\":4.25}]'; exec sleep 600"};
  s.options = exec;
  c.sources = {s};
  run(c);
  ASSERT_TRUE(figure("readings_total", 1));
  EXPECT_EQ(node_->through(), 0u);
  send(make(CommandKind::kSealNow, 1));
  ASSERT_TRUE(eventually([&] { return node_->through() == 1; }));
  EXPECT_EQ(node_->series()["t"].size(), 1u);
  EXPECT_TRUE(figure("commands_total", 1));
}

TEST_F(CommandTest, ACommandPlayedBackIsRefusedAlsoAfterARestart) {
  run(config());
  const auto once = seal(make(CommandKind::kSealNow, 7), node_->enterprise(), test::chain())->bytes;
  send(once);
  ASSERT_TRUE(figure("commands_total", 1));
  send(once);
  EXPECT_TRUE(figure("commands_refused_total", 1));
  stop();
  EXPECT_EQ(counts_.commands, 1u);
  start(config());
  ASSERT_TRUE(eventually([&] { return node_->births().back().session == 2; }));
  send(once);
  EXPECT_TRUE(figure("commands_refused_total", 1));
  send(make(CommandKind::kSealNow, 8));
  EXPECT_TRUE(figure("commands_total", 1));
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
  EXPECT_TRUE(figure("commands_refused_total", 6));
  send(make(CommandKind::kSealNow, 1));  // none of them moved the counter
  EXPECT_TRUE(figure("commands_total", 1));
}

TEST_F(CommandTest, ResendSendsAgainWhatIsKept) {
  node_->mute(true);  // nothing is acked
  Config c = config();
  c.resend_s = 3600;
  c.sources = {replay(50)};
  run(c);
  ASSERT_TRUE(figure("sent_total", 5));
  send(make(CommandKind::kResend, 1));
  EXPECT_TRUE(figure("resent_total", 5));
}

TEST_F(CommandTest, CheckDiagAndReloadAreTheProgramsAndRefusedWithoutOne) {
  Config c = config();
  run(c);
  send(make(CommandKind::kCheck, 1));
  EXPECT_TRUE(figure("commands_refused_total", 1));
  stop();
  auto agent = Agent::make(config(), clock_, [this](const bus::PahoOptions&) {
    return Result<std::unique_ptr<bus::Bus>>(hub_.connect());
  });
  ASSERT_TRUE(agent);
  agent_ = std::move(*agent);
  std::mutex mutex;
  std::vector<CommandKind> asked;
  agent_->on_command([&](CommandKind kind) {
    const std::lock_guard lock(mutex);
    asked.push_back(kind);
  });
  thread_ = std::thread([this] { status_ = agent_->run(); });
  ASSERT_TRUE(eventually([&] { return node_->births().back().session == 2; }));
  const std::vector all = {CommandKind::kCheck, CommandKind::kDiag, CommandKind::kReload};
  std::uint64_t counter = 1;
  for (const auto kind : all) send(make(kind, ++counter));
  EXPECT_TRUE(figure("commands_total", 3));
  stop();
  EXPECT_EQ(asked, all);
}

}  // namespace
}  // namespace lotmark::agent
