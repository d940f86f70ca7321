// SIGHUP to the running agent, on a real broker.
#include <fstream>
#include <sstream>

#include "core/crypto/sha256.h"
#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent::test {
namespace {

class ReloadTest : public AgentProgramTest {
 protected:
  // Counts from 1 on, ten a second, as long as it runs.
  static std::string counter(const std::string& channel) {
    return "\n[[source]]\nname = \"" + channel +
           "\"\ntype = \"exec\"\ncommand = [\"sh\", \"-c\", " +
           "\"i=0; while :; do i=$((i+1)); echo '[{\\\"n\\\":\\\"" + channel +
           "\\\",\\\"v\\\":'$i'}]'; sleep 0.1; done\"]\nexp = 0\n";
  }
  // The file that runs, with this behind it, in one step as an editor saves it.
  Digest save(const std::string& more) {
    const std::string text = first_ + more;
    dir_.write("agent.toml.new", text);
    std::filesystem::rename(dir_ / "agent.toml.new", dir_ / "agent.toml");
    return sha256(as_bytes(text));
  }
  void start(const std::string& sources) {
    start_agent(sources);
    std::stringstream text;
    text << std::ifstream(dir_ / "agent.toml").rdbuf();
    first_ = text.str();
  }
  void hang_up() const { ::kill(agent_.pid(), SIGHUP); }  // not its children
  Digest told() {
    const auto births = node_->births();
    return births.empty() ? Digest{} : births.back().config;
  }
  std::string first_;
};

TEST_F(ReloadTest, StartsWhatIsNewAndLeavesTheRestAlone) {
  start(counter("kept"));
  ASSERT_TRUE(came("kept", 1));
  const auto next = save(counter("new"));
  hang_up();
  ASSERT_TRUE(came("new", 1));
  EXPECT_EQ(told(), next);
  EXPECT_EQ(std::ranges::count(values("kept"), 1), 1) << "it was not started again";
}

TEST_F(ReloadTest, FaultLeavesTheOldGenerationWhole) {
  start(counter("kept"));
  ASSERT_TRUE(came("kept", 1));
  const Digest before = told();
  save(counter("new") + "colour = \"red\"\n");
  hang_up();
  const auto next = save(counter("other"));  // a later one shows that the bad one was looked at
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  hang_up();
  ASSERT_TRUE(came("other", 1));
  EXPECT_EQ(told(), next);
  EXPECT_NE(before, next);
  EXPECT_TRUE(values("new").empty());
  EXPECT_EQ(std::ranges::count(values("kept"), 1), 1);
}

// 500 signals in five seconds, good and bad files in turn.
TEST_F(ReloadTest, StormOfReloadsLosesNothingAndTheLastGoodOneIsLive) {
  start(counter("kept"));
  ASSERT_TRUE(came("kept", 1));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 500; ++i) {
    const bool good = i % 2 == 0;
    save(good ? counter(i % 4 == 0 ? "even" : "odd") : "\n[outbox]\nwindow = 0\n");
    hang_up();
    std::this_thread::sleep_until(begin + std::chrono::milliseconds(10) * (i + 1));
  }
  const auto last = save(counter("last"));
  hang_up();
  ASSERT_TRUE(came("last", 1));
  EXPECT_EQ(told(), last);
  ASSERT_TRUE(eventually([&] { return values("kept").size() > 60; }));
  const auto kept = values("kept");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    ASSERT_EQ(kept[i], static_cast<std::int64_t>(i) + 1) << "each once, in order";
  }
  EXPECT_EQ(lost("kept"), 0u);
  EXPECT_EQ(node_->refused(), 0u);
}

TEST_F(ReloadTest, BrokersConnectionIsMadeAnewOnlyWhenItChanges) {
  start(counter("kept"));
  ASSERT_TRUE(came("kept", 1));
  const auto next = save("\n[outbox]\nwindow = 7\n");
  hang_up();
  ASSERT_TRUE(eventually([&] { return told() == next; }));
  const auto through = node_->through();
  ASSERT_TRUE(eventually([&] { return node_->through() > through + 1; })) << "it flows again";
  EXPECT_EQ(std::ranges::count(values("kept"), 1), 1);
}

TEST_F(ReloadTest, WhatOnlyARestartChangesIsRefused) {
  start(counter("kept"));
  ASSERT_TRUE(came("kept", 1));
  const Digest before = told();
  const auto at = first_.find("bundle_s = 1");
  first_.replace(at, 12, "bundle_s = 2");
  save("");
  hang_up();
  const auto through = node_->through();
  ASSERT_TRUE(eventually([&] { return node_->through() > through + 2; }));
  EXPECT_EQ(told(), before);
}

}  // namespace
}  // namespace lotmark::agent::test
