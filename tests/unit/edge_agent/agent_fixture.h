// The whole agent on a broker in memory, against a scripted node.
#pragma once

#include <fmt/format.h>

#include "edge-agent/agent.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent::test {

constexpr std::int64_t kT0 = 1767600000000;

class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    const Scalar key = new_scalar();
    EXPECT_TRUE(write_key_file(dir_ / "record.key", key));
    signer_ = std::move(*signer_mbedtls(key.view()));
    node_ = std::make_unique<ScriptedNode>(hub_.connect(), signer_->public_key());
  }
  ~AgentTest() override { stop(); }

  Config config() {
    Config c;
    c.organisation = "acme";
    c.device = "line-1";
    c.state_dir = dir_ / "state";
    c.chain = chain();
    c.bundle_s = 10;
    c.key.file = dir_ / "record.key";
    c.resend_s = 1;
    c.keys.enterprise = {node_->enterprise().public_key()};
    c.keys.reviewers = {node_->reviewer().public_key()};
    return c;
  }
  // `rows` readings, one a second.
  SourceConfig replay(int rows, double speed = 0) {
    std::string text = "time,t\n";
    for (int i = 0; i < rows; ++i) {
      text += fmt::format("{},{}.{:02}\n", kT0 + i * 1000, i / 100, i % 100);
    }
    SourceConfig s;
    s.name = "file";
    CsvOptions csv;
    csv.time = {TimeFormat::kUnixMs, "time", {}, {}, {}, {}, {}, {}};
    csv.columns = {{"t", "t", "Cel", -2}};
    ReplayOptions replay;
    replay.name = "file";
    replay.file = dir_.write("input.csv", text);
    replay.format = csv;
    replay.speed = speed;
    s.options = replay;
    return s;
  }
  static std::vector<std::pair<std::uint64_t, std::int64_t>> expected(int rows) {
    std::vector<std::pair<std::uint64_t, std::int64_t>> out;
    for (int i = 0; i < rows; ++i) out.emplace_back(kT0 + i * 1000, i);
    return out;
  }
  void start(Config c) {
    auto agent =
        Agent::make(std::move(c), clock_,
                    [this](const bus::PahoOptions& o) -> Result<std::unique_ptr<bus::Bus>> {
                      return o.url == "consortium" ? consortium_.connect() : hub_.connect();
                    });
    ASSERT_TRUE(agent) << agent.error().message();
    agent_ = std::move(*agent);
    if (before_run_) before_run_();
    ended_ = false;
    thread_ = std::thread([this] {
      status_ = agent_->run();
      ended_ = true;
    });
  }
  void stop() {
    if (!agent_) return;
    agent_->stop();
    thread_.join();
    counts_ = agent_->counts();
    agent_.reset();
  }
  // From the next start on counted_ is this one.
  void watch(std::uint64_t Counts::*count) {
    before_run_ = [this, count] {
      agent_->on_turn([this, count] { counted_ = agent_->counts().*count; });
    };
  }
  bool waits_for_end() {
    return eventually([&] { return ended_.load(); });
  }

  TempDir dir_;
  bus::MemoryHub hub_;
  bus::MemoryHub consortium_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<ScriptedNode> node_;
  SystemClock clock_;
  std::atomic<std::uint64_t> counted_ = 0;  // watch
  std::unique_ptr<Agent> agent_;
  std::function<void()> before_run_;
  std::thread thread_;
  std::atomic<bool> ended_{false};
  Status status_;
  Counts counts_;
};

}  // namespace lotmark::agent::test
