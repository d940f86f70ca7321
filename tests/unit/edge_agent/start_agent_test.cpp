// A device on a serial line whose start signals the agent passes on, until enterprise and reviewers answered.
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::eventually;

class StartAgentTest : public AgentTest {
 protected:
  Config with_device(const char* presses) {
    const std::string bin = LOTMARK_BIN_DIR;
    const std::string nv = dir_ / "filler.nv";
    if (!std::filesystem::exists(nv)) {
      const std::string make =
          bin + "/lotmark-factory --nv " + nv + " --machine filler-3 >/dev/null";
      EXPECT_EQ(std::system(make.c_str()), 0);
    }
    SourceConfig s;
    s.name = "filler";
    FramesOptions frames;
    frames.name = "filler";
    frames.device = "start-1";
    frames.command = {bin + "/lotmark-start-device",
                      "--nv",
                      nv,
                      "--presses",
                      presses,
                      "--every",
                      "300",
                      "--resend",
                      "200"};
    s.options = frames;
    Config c = config();
    c.sources = {s};
    return c;
  }
  void SetUp() override {
    if (!std::filesystem::exists(std::string(LOTMARK_BIN_DIR) + "/lotmark-start-device")) {
      GTEST_SKIP() << "lotmark-start-device was not built";
    }
  }
};

TEST_F(StartAgentTest, NewDeviceIsEnrolledAndItsSignalReachesBothUnchanged) {
  start(with_device("2"));
  ASSERT_TRUE(eventually([&] { return node_->starts().size() >= 1; }));
  const auto object = open<Start>(node_->starts()[0], test::chain());
  ASSERT_TRUE(object);
  EXPECT_EQ(object->body.machine, "filler-3");
  EXPECT_TRUE(eventually([&] {
    return Outbox::open({dir_ / "state/outbox.db", signer_->kid(), test::chain(), "x"})
        ->starts()
        .empty();
  }));
  std::this_thread::sleep_for(500ms);
  const auto seen = node_->starts().size();
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(node_->starts().size(), seen);  // answered: neither device nor agent sends again
}

TEST_F(StartAgentTest, WithoutAReviewersArrivalItIsKeptAndSentAgainAlsoAfterARestart) {
  node_->answer_as_reviewer(false);
  start(with_device("2"));
  ASSERT_TRUE(eventually([&] { return node_->starts().size() >= 3; }));
  stop();
  const auto before = node_->starts().size();
  start(with_device("0"));
  ASSERT_TRUE(eventually([&] { return node_->starts().size() > before; }));
  node_->answer_as_reviewer(true);
  EXPECT_TRUE(eventually([&] {
    return Outbox::open({dir_ / "state/outbox.db", signer_->kid(), test::chain(), "x"})
        ->starts()
        .empty();
  }));
}

TEST_F(StartAgentTest, TheConsortiumsBrokerGetsItTooAndItsReviewerAnswersThere) {
  test::ScriptedNode reviewer(consortium_.connect(), signer_->public_key());
  node_->answer_as_reviewer(false);
  Config c = with_device("2");
  c.consortium = BrokerConfig{"consortium", {}, {}, {}};
  c.keys.reviewers = {reviewer.reviewer().public_key()};
  start(c);
  ASSERT_TRUE(eventually([&] { return !reviewer.starts().empty() && !node_->starts().empty(); }));
  EXPECT_EQ(reviewer.starts()[0], node_->starts()[0]);
  EXPECT_TRUE(eventually([&] {
    return Outbox::open({dir_ / "state/outbox.db", signer_->kid(), test::chain(), "x"})
        ->starts()
        .empty();
  }));
}

TEST_F(StartAgentTest, AReviewerThatComesLaterHearsItToo) {
  const auto late = test::new_signer();
  Config c = with_device("2");
  c.keys.reviewers.push_back(late->public_key());
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->starts().size() >= 4; })) << "again, for the other";
  std::atomic<int> heard{0};
  const auto bus = hub_.connect();
  bus->subscribe("lotmark/v1/+/+/start", [&](const bus::Message& m) {
    ++heard;
    const Arrival arrival{open<Start>(m.payload, test::chain())->id, 5, 0};
    (void)bus->publish("lotmark/v1/acme/start-1/ack", seal(arrival, *late, test::chain())->bytes,
                       false, {});
  });
  ASSERT_TRUE(bus->start());
  EXPECT_TRUE(eventually([&] { return heard > 0; }));
  EXPECT_TRUE(eventually([&] {
    return Outbox::open({dir_ / "state/outbox.db", signer_->kid(), test::chain(), "x"})
        ->starts()
        .empty();
  }));
}

}  // namespace
}  // namespace lotmark::agent
