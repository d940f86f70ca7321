// The agent when its outbox is full, when nothing is acked, and when a node refuses.
#include <set>

#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;
using test::AgentTest;
using test::eventually;

constexpr int kForGood = 1 << 30;

class OutboxAgentTest : public AgentTest {
 protected:
  std::uint64_t lost_readings() {
    std::uint64_t sum = 0;
    for (const auto& gap : node_->lost()) sum += gap.readings;
    return sum;
  }
  Outbox outbox() {
    return std::move(*Outbox::open({dir_ / "state/outbox.db", signer_->kid(), test::chain(), "x"}));
  }
  // The state_dir is what it was before the first reading; the node has the bundles of `readings` since.
  void put_back_behind(int readings) {
    start(config());
    ASSERT_TRUE(eventually([&] { return !node_->births().empty(); }));
    stop();
    std::filesystem::copy(dir_ / "state", dir_ / "copy", std::filesystem::copy_options::recursive);
    Config c = config();
    c.sources = {replay(readings)};
    start(c);
    ASSERT_TRUE(eventually(
        [&] { return node_->through() == static_cast<std::uint64_t>(readings + 9) / 10; }));
    stop();
    std::filesystem::remove_all(dir_ / "state");
    std::filesystem::rename(dir_ / "copy", dir_ / "state");
  }
  bool says(const std::string& line) {
    return agent_->board().text().find(line) != std::string::npos;
  }
  std::set<std::string> rejected() {
    std::set<std::string> out;
    std::error_code none;
    for (const auto& e : std::filesystem::directory_iterator(dir_ / "state/rejected", none)) {
      out.insert(e.path().extension());
    }
    return out;
  }
};

TEST_F(OutboxAgentTest, WhatGaveWayIsDeclaredAndTheRestArrives) {
  node_->lose(kForGood);
  Config c = config();
  c.outbox_max_bytes = 10000;
  c.exit_when_done = true;
  c.sources = {replay(20000)};
  c.sources[0].when_full = WhenFull::kDropOldest;
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().source("file").done; }));
  EXPECT_TRUE(eventually([&] { return outbox().bytes() < 10000; }));
  node_->lose(0);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->through(), 2000u);
  EXPECT_EQ(node_->refused(), 0u);
  const auto arrived = node_->series()["t"].size();
  EXPECT_EQ(arrived + lost_readings(), 20000u);
  EXPECT_GE(arrived, 10u);
  EXPECT_LE(node_->lost().size(), 2u) << "what lies side by side is one gap";
  for (const auto& gap : node_->lost()) EXPECT_EQ(gap.reason, GapReason::kOutboxFull);
}

TEST_F(OutboxAgentTest, StoppedWhileItThinsItCoversEverySeqAllTheSame) {
  node_->lose(kForGood);
  Config c = config();
  c.outbox_max_bytes = 10000;
  c.sources = {replay(3000, 3000)};
  c.sources[0].when_full = WhenFull::kThin;
  for (int i = 0; i < 5; ++i) {
    start(c);
    std::this_thread::sleep_for(120ms);
    stop();
  }
  c.sources = {replay(3000)};
  c.sources[0].when_full = WhenFull::kThin;
  c.exit_when_done = true;
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().source("file").done; }));
  node_->lose(0);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->refused(), 0u);
  EXPECT_EQ(node_->series()["t"].size() + lost_readings(), 3000u);
}

TEST_F(OutboxAgentTest, RefusedForItsContentABundleIsSetAsideAndTheChainGoesOn) {
  node_->refuse(5, Errc::kBundleCrossesWindow);
  Config c = config();
  c.exit_when_done = true;
  c.sources = {replay(1000)};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->through(), 100u);
  ASSERT_EQ(node_->lost().size(), 1u);
  const Gap gap = node_->lost()[0];
  EXPECT_EQ(std::pair(gap.seq, gap.last), std::pair(std::uint64_t{5}, std::uint64_t{5}));
  EXPECT_EQ(gap.reason, GapReason::kNotANumber);
  EXPECT_EQ(gap.readings, 10u);
  EXPECT_EQ(node_->series()["t"].size(), 990u);
  EXPECT_EQ(rejected(), (std::set<std::string>{".ack", ".bundle"}));
}

TEST_F(OutboxAgentTest, RefusedForItsKeyNothingIsGivenUp) {
  node_->refuse(5, Errc::kKeyRevoked);
  Config c = config();
  c.sources = {replay(1000)};
  watch(&Counts::refused);
  start(c);
  EXPECT_TRUE(eventually([&] { return counted_ > 3; }));
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
  EXPECT_EQ(outbox().first(), 5u);
  EXPECT_TRUE(rejected().empty());
}

TEST_F(OutboxAgentTest, AStateDirThatWasPutBackSaysSoAndLetsNothingGo) {
  put_back_behind(95);
  Config c = config();
  c.sources = {replay(95)};
  start(c);
  EXPECT_TRUE(eventually([&] {
    return says("lotmark_agent_life_conflict 1\n") && says("lotmark_agent_bundles_total 10\n");
  })) << agent_->board().text();
  EXPECT_TRUE(says("lotmark_agent_unacked_objects 10\n")) << agent_->board().text();
  EXPECT_TRUE(agent_->board().trouble(std::chrono::steady_clock::now()).find("state_dir") !=
              std::string::npos);
}

// The node's next word is of numbers that this outbox sealed anew while nobody answered, and refuses nothing.
TEST_F(OutboxAgentTest, AStateDirThatWasPutBackLosesNothingToAnAckWithoutARefusal) {
  put_back_behind(95);
  node_->mute(true);
  Config c = config();
  c.sources = {replay(195)};
  start(c);
  ASSERT_TRUE(eventually([&] { return says("lotmark_agent_bundles_total 20\n"); }));
  node_->mute(false);
  node_->publish_ack({});
  EXPECT_TRUE(eventually([&] { return says("lotmark_agent_life_conflict 1\n"); }));
  stop();
  EXPECT_EQ(outbox().unacked(), 20u);
  EXPECT_EQ(outbox().first(), 1u);
}

// The node lost what it had acked, and it is here still: its word of before, played back, lets none of it go.
TEST_F(OutboxAgentTest, AnAckOfBeforeANodeFellBackDoesNotHoldAnyMore) {
  Config c = config();
  c.bundle_s = 60;  // so long an ack alone is not written down
  c.sources = {replay(600)};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 10; }));
  const auto before = node_->make_refusal({});
  ASSERT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", before, false, {}));
  node_->lose(kForGood);
  node_->restore(0);
  std::this_thread::sleep_for(100ms);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", before, false, {}));
  std::this_thread::sleep_for(100ms);
  stop();
  EXPECT_EQ(outbox().first(), 1u);
  EXPECT_GE(counts_.acks_ignored, 5u);
}

// A second state_dir with this key was in use, and the first is back.
TEST_F(OutboxAgentTest, ALifeThatTheNodeHoldsForOverSaysSoUntilItIsAckedAgain) {
  const auto trouble = [&] { return agent_->board().trouble(std::chrono::steady_clock::now()); };
  node_->mute(true);
  Config c = config();
  c.sources = {replay(50)};
  start(c);
  Ack other{signer_->kid(), LifeId{{9}}, 3, Digest{{7}}, 5, 3, {}, std::nullopt, {}};
  other.refused.push_back({1, static_cast<std::uint64_t>(Errc::kLifeClosed)});
  const auto bytes = seal(other, node_->enterprise(), test::chain())->bytes;
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", bytes, false, {}));
    return trouble().find("this one is over") != std::string::npos;
  }));
  node_->mute(false);
  node_->publish_ack({});
  EXPECT_TRUE(eventually([&] { return trouble().empty(); })) << trouble();
  EXPECT_FALSE(outbox().conflict());
}

TEST_F(OutboxAgentTest, AnAckOfNumbersNeverSealedTellsThatTheStateDirWasPutBackAlsoAfterARestart) {
  put_back_behind(95);
  start(config());
  EXPECT_TRUE(eventually([&] {
    node_->publish_ack({});
    return says("lotmark_agent_life_conflict 1\n");
  }));
  stop();
  node_->mute(true);
  start(config());
  EXPECT_TRUE(eventually([&] { return says("lotmark_agent_life_conflict 1\n"); }));
}

// Whoever carries the bytes can change one: the node then refuses what never left here.
TEST_F(OutboxAgentTest, WhatIsRightHereIsNotGivenUpForWhatANodeSawOfIt) {
  node_->refuse(5, Errc::kRootMismatch);
  Config c = config();
  c.sources = {replay(1000)};
  watch(&Counts::refused);
  start(c);
  EXPECT_TRUE(eventually([&] { return counted_ > 3; }));
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
  EXPECT_TRUE(rejected().empty());
}

TEST_F(OutboxAgentTest, OneRefusalPlayedBackThreeTimesIsOne) {
  Config c = config();
  c.sources = {replay(40)};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 4; }));
  stop();
  node_->lose(kForGood);
  c.sources = {replay(100)};
  c.sources[0].name = "more";
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().source("more").done; }));
  const auto word =
      node_->make_refusal({{5, static_cast<std::uint64_t>(Errc::kBundleCrossesWindow)}});
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", word, false, {}));
  }
  std::this_thread::sleep_for(300ms);
  stop();
  EXPECT_EQ(counts_.refused, 1u);
  EXPECT_EQ(counts_.gaps_sealed, 0u);
}

// An alarm never gives way: once nothing else is left, its source has to wait like any other.
TEST_F(OutboxAgentTest, ASourceWhoseBundlesAllHoldAlarmsDoesNotFillTheDisk) {
  node_->lose(kForGood);
  Config c = config();
  c.bundle_s = 1;
  c.outbox_max_bytes = 5000;
  AlarmConfig alarm;
  alarm.rule.name = "warm";
  alarm.rule.channel = "t";
  alarm.rule.kind = AlarmKind::kAbove;
  alarm.rule.limit = {5, 0};
  c.alarms = {alarm};
  SourceConfig s;
  s.name = "air";
  ExecOptions exec;
  exec.name = "air";
  exec.command = {
      "/bin/sh", "-c",
      "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); t=$((1767600000+i*2)); "
      "for v in 9 1; do echo '[{\"n\":\"t\",\"u\":\"Cel\",\"v\":'$v',\"t\":'$t'}]'; done; "
      "done; exec sleep 600"};
  s.options = exec;
  s.when_full = WhenFull::kDropOldest;
  c.sources = {s};
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().bytes() > 5000; }));
  std::this_thread::sleep_for(2s);
  const auto bytes = outbox().bytes();
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(outbox().bytes(), bytes) << "nothing more is taken";
  stop();
}

// A gap is taken by nobody there: what is here is kept for people.
TEST_F(OutboxAgentTest, InConflictNothingGivesWayHoweverFullItIs) {
  put_back_behind(95);
  Config c = config();
  start(c);
  EXPECT_TRUE(eventually([&] {
    node_->publish_ack({});
    return says("lotmark_agent_life_conflict 1\n");
  }));
  stop();
  c.outbox_max_bytes = 10000;
  c.sources = {replay(20000)};
  c.sources[0].when_full = WhenFull::kDropOldest;
  start(c);
  EXPECT_TRUE(eventually([&] { return outbox().bytes() > c.outbox_max_bytes; }));
  std::this_thread::sleep_for(300ms);
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
  EXPECT_EQ(outbox().first(), 1u);
  EXPECT_FALSE(outbox().source("file").done) << "the source waits";
}

// Of 1 to 4, which never give way, and a gap after them: the node's word of a number inside says nothing of what it
// holds below it.
TEST_F(OutboxAgentTest, AnAckOfANumberInsideAGapLetsNothingBelowItGo) {
  node_->mute(true);
  Config c = config();
  c.outbox_max_bytes = 10000;
  c.sources = {replay(40)};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 4; }));
  stop();
  node_->lose(kForGood);
  c.sources = {replay(20000)};
  c.sources[0].name = "more";
  c.sources[0].when_full = WhenFull::kDropOldest;
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().source("more").done; }));
  stop();
  auto kept = outbox();
  const auto rows = *kept.from(5, 1);
  ASSERT_EQ(rows.at(0).first, 5u);
  ASSERT_GT(rows.at(0).seq, 7u);
  c.sources.clear();
  start(c);
  const auto inside = node_->make_ack(node_->enterprise(), 7, Digest{{7}}, 5000);
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", inside, false, {}));
    return !says("lotmark_agent_acks_total 0\n");
  }));
  stop();
  EXPECT_EQ(outbox().first(), 1u);
  EXPECT_EQ(counts_.acks_ignored, 0u) << "it was no conflict either";
}

TEST_F(OutboxAgentTest, AnAckOlderThanTheNewestConvictsNobody) {
  Config c = config();
  c.sources = {replay(20)};
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().first() == 3u; }));  // its ack is the newest here
  stop();
  node_->lose(kForGood);
  c.sources = {replay(60)};
  c.sources[0].name = "more";
  watch(&Counts::acks_ignored);
  start(c);
  ASSERT_TRUE(eventually([&] { return outbox().source("more").done; }));
  const auto old = node_->make_ack(node_->enterprise(), 4, Digest{{7}}, 0);
  ASSERT_TRUE(eventually([&] {
    EXPECT_TRUE(node_->bus().publish("lotmark/v1/acme/line-1/ack", old, false, {}));
    return counted_ > 0;
  }));
  stop();
  EXPECT_FALSE(outbox().conflict());
}

TEST_F(OutboxAgentTest, ASignatureThatIsGoodHereIsNotRefusedBecauseOfAnothersBytes) {
  node_->refuse(5, Errc::kCoseSignature);
  Config c = config();
  c.sources = {replay(1000)};
  watch(&Counts::refused);
  start(c);
  EXPECT_TRUE(eventually([&] { return counted_ > 3; }));
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
}

TEST_F(OutboxAgentTest, NothingAckedForLongIsAnAlarmAndNothingIsDeleted) {
  node_->lose(kForGood);
  Config c = config();
  c.alarm_s = 1;
  c.sources = {replay(100)};
  start(c);
  std::this_thread::sleep_for(2500ms);
  stop();
  EXPECT_EQ(counts_.stalls, 1u);
  EXPECT_EQ(counts_.acks, 0u);
  EXPECT_EQ(outbox().unacked(), 10u);
}

TEST_F(OutboxAgentTest, ARecordedInputLeavesTheWayToLiveOnes) {
  node_->lose(kForGood);
  SourceConfig s;
  s.name = "probe";
  ExecOptions exec;
  exec.name = "probe";
  exec.command = {"/bin/sh", "-c",
                  "while :; do echo '[{\"n\":\"cold\",\"u\":\"Cel\",\"v\":2.5}]'; sleep 0.1; done"};
  s.options = exec;
  Config c = config();
  c.bundle_s = 1;
  c.window = 16;
  c.sources = {replay(20000), s};
  start(c);
  std::this_thread::sleep_for(2500ms);
  EXPECT_LT(outbox().unacked(), 320u) << "a window, and what one turn took";
  node_->lose(0);
  ASSERT_TRUE(eventually([&] { return !node_->series()["cold"].empty(); }));
  EXPECT_LT(node_->series()["t"].size(), 20000u) << "live came before the end of the recorded one";
}

TEST_F(OutboxAgentTest, WindowsOfLiveSourcesThatEndTogetherAreOneCommit) {
  node_->lose(kForGood);
  Config c = config();
  c.bundle_s = 2;
  for (const char* name : {"a", "b", "c"}) {
    SourceConfig s;
    s.name = name;
    ExecOptions exec;
    exec.name = name;
    exec.command = {"/bin/sh", "-c",
                    fmt::format("while :; do echo '[{{\"n\":\"{}\",\"u\":\"Cel\",\"v\":2.5}}]'; "
                                "sleep 0.07; done",
                                name)};
    s.options = exec;
    c.sources.push_back(s);
  }
  start(c);
  std::this_thread::sleep_for(5500ms);
  stop();
  auto db = store::Database::open(dir_ / "state/outbox.db", {.read_only = true});
  ASSERT_TRUE(db);
  auto q = db->prepare("SELECT count(*), count(DISTINCT sealed_ms) FROM bundle");
  ASSERT_TRUE(q);
  ASSERT_TRUE(*q->step());
  EXPECT_GE(q->integer(0), 6);
  EXPECT_LE(2 * q->integer(1), q->integer(0) + 1)
      << "windows of three are one commit, or two on a busy machine";
}

TEST_F(OutboxAgentTest, AnAckKeptInMemoryOnlyIsAskedForAgain) {
  Config c = config();
  c.sources = {replay(100)};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 10; }));
  std::this_thread::sleep_for(100ms);
  // Acks may have gone to the disk with the bundles that followed; none follows the last one.
  EXPECT_GT(outbox().unacked(), 0u) << "no commit for an ack alone";
  stop();
  EXPECT_EQ(outbox().unacked(), 0u);
}

}  // namespace
}  // namespace lotmark::agent
