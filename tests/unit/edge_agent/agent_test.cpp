// The whole agent on a broker in memory, against a scripted node.
#include "core/base/hex.h"
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;
using test::eventually;

using test::AgentTest;
using test::kT0;

TEST_F(AgentTest, ReplayArrivesWholeAndTheAgentEnds) {
  Config c = config();
  c.exit_when_done = true;
  c.sources = {replay(1000)};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_TRUE(status_);
  EXPECT_EQ(node_->series()["t"], expected(1000));
  EXPECT_EQ(node_->through(), 100u);
  EXPECT_EQ(node_->refused(), 0u);
  for (auto clock : node_->clocks()) EXPECT_EQ(clock, ClockState::kRecorded);
  ASSERT_GE(node_->births().size(), 1u);
  EXPECT_FALSE(node_->births()[0].gone);
  EXPECT_EQ(node_->births()[0].session, 1u);
}

TEST_F(AgentTest, StoppedAndStartedAgainEachReadingArrivesOnce) {
  Config c = config();
  c.sources = {replay(2000, 1000)};
  for (int i = 0; i < 4; ++i) {
    start(c);
    std::this_thread::sleep_for(150ms);
    stop();
  }
  EXPECT_GT(node_->through(), 0u);
  c.sources = {replay(2000)};
  c.exit_when_done = true;
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->series()["t"], expected(2000));
}

TEST_F(AgentTest, LostBundlesAreSentAgainOnNeedSeq) {
  node_->lose(7);
  Config c = config();
  c.exit_when_done = true;
  c.resend_s = 3600;  // only need-seq can help
  c.sources = {replay(1000)};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->series()["t"], expected(1000));
}

TEST_F(AgentTest, WhatNobodyAnsweredIsSentAgainAfterAWhile) {
  node_->lose(5);
  Config c = config();
  c.exit_when_done = true;
  c.sources = {replay(50)};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->series()["t"], expected(50));
}

TEST_F(AgentTest, NodeThatFellBackGetsASignedGapWithItsOwnAck) {
  Config c = config();
  c.sources = {replay(300)};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 30; }));
  std::this_thread::sleep_for(100ms);  // the last ack is on its way
  stop();                              // and is committed: until then all could be sent again
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->births().back().session == 2; }));
  node_->restore(10);
  ASSERT_TRUE(eventually([&] { return node_->through() == 30; }));
  const auto lost = node_->lost();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].seq, 11u);
  EXPECT_EQ(lost[0].last, 30u);
  EXPECT_EQ(lost[0].readings, 200u);
  EXPECT_EQ(lost[0].reason, GapReason::kReceiverLost);
  auto ack = open<Ack>(lost[0].ack->bytes, test::chain());
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->verified_by(node_->enterprise().public_key()));
  EXPECT_GE(ack->body.through, 30u);
}

TEST_F(AgentTest, ForgedAndForeignAcksChangeNothing) {
  node_->mute(true);
  Config c = config();
  c.sources = {replay(100)};
  c.resend_s = 3600;
  watch(&Counts::answers_refused);
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 10; }));
  const std::string topic = "lotmark/v1/acme/line-1/ack";
  const auto stranger = test::new_signer();
  const auto send = [&](const Bytes& b) { (void)node_->bus().publish(topic, b, false, {}); };
  send(node_->make_ack(*stranger, 10, Digest{}, 2000));          // another key
  send(node_->make_ack(node_->reviewer(), 10, Digest{}, 2000));  // may not ack
  Bytes broken = node_->make_ack(node_->enterprise(), 10, Digest{}, 2000);
  broken.back() ^= 1;  // signature
  send(broken);
  send(Bytes{1, 2, 3});
  EXPECT_TRUE(eventually([&] { return counted_ == 4; }));
  stop();
  EXPECT_EQ(counts_.acks, 0u);
  node_->mute(false);
  Config again = config();
  again.sources = c.sources;
  again.exit_when_done = true;
  start(again);
  ASSERT_TRUE(waits_for_end());
}

TEST_F(AgentTest, AnAckPlayedBackIsPassedOver) {
  Config c = config();
  c.sources = {replay(100)};
  watch(&Counts::acks_ignored);
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 10; }));
  std::this_thread::sleep_for(100ms);
  const auto old = node_->make_ack(node_->enterprise(), 3, node_->id_of(3), 1);
  for (int i = 0; i < 3; ++i)
    (void)node_->bus().publish("lotmark/v1/acme/line-1/ack", old, false, {});
  EXPECT_TRUE(eventually([&] { return counted_ == 3; }));
  EXPECT_NE(agent_->board().text().find("lotmark_agent_life_conflict 0\n"), std::string::npos);
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
}

TEST_F(AgentTest, AStandbyThatLagsIsNotANodeThatLost) {
  const auto standby = test::new_signer();
  Config c = config();
  c.keys.enterprise.push_back(standby->public_key());
  c.sources = {replay(100)};
  watch(&Counts::acks_ignored);
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->through() == 10; }));
  std::this_thread::sleep_for(100ms);
  (void)node_->bus().publish("lotmark/v1/acme/line-1/ack",
                             node_->make_ack(*standby, 4, node_->id_of(4), 9000), false, {});
  EXPECT_TRUE(eventually([&] { return counted_ == 1; }));
  stop();
  EXPECT_EQ(counts_.gaps_sealed, 0u);
}

TEST_F(AgentTest, AFullOutboxHoldsTheSourceUntilAcksCome) {
  node_->mute(true);
  Config c = config();
  c.outbox_max_bytes = 10000;
  c.exit_when_done = true;
  c.sources = {replay(20000)};
  c.window = 4096;
  start(c);
  std::this_thread::sleep_for(500ms);
  EXPECT_LT(node_->through(), 1500u);
  node_->mute(false);
  node_->publish_ack({});
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->series()["t"], expected(20000));
}

TEST_F(AgentTest, MissingValuesAreGapsAndAMissingFileIsAnError) {
  SourceConfig s = replay(0);
  std::get<ReplayOptions>(s.options).file =
      dir_.write("na.csv", fmt::format("time,t\n{},1\n{},NA\n{},2\n", kT0, kT0 + 1000, kT0 + 2000));
  SourceConfig missing = replay(0);
  missing.name = "missing";
  std::get<ReplayOptions>(missing.options).file = dir_ / "none.csv";
  Config c = config();
  c.exit_when_done = true;
  c.sources = {s, missing};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(status_.code(), Errc::kIo);
  EXPECT_EQ(node_->series()["t"].size(), 2u);
  EXPECT_EQ(node_->gaps()["t"].size(), 1u);
}

TEST_F(AgentTest, ChildProgramsReadingsAreSealedByTheClock) {
  SourceConfig s;
  s.name = "probe";
  ExecOptions exec;
  exec.name = "probe";
  exec.senml.exp = -2;
  exec.command = {
      "/bin/sh", "-c",
      "for i in 1 2 3; do echo '[{\"n\":\"cold\",\"u\":\"Cel\",\"v\":2.5}]'; done; sleep 60"};
  s.options = exec;
  Config c = config();
  c.bundle_s = 1;
  c.sources = {s};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->series()["cold"].size() == 3; }));
  EXPECT_EQ(node_->series()["cold"][0].second, 250);
  EXPECT_NE(node_->clocks()[0], ClockState::kRecorded);
}

TEST_F(AgentTest, AlarmIsSignedAtOnceAndSilenceToo) {
  SourceConfig s;
  s.name = "probe";
  ExecOptions exec;
  exec.name = "probe";
  exec.senml.columns = {{"cold", "cold", "Cel", -2}};
  exec.command = {"/bin/sh", "-c",
                  "echo '[{\"n\":\"cold\",\"v\":2.5},{\"n\":\"cold\",\"v\":9.25}]'; sleep 60"};
  s.options = exec;
  Config c = config();
  c.bundle_s = 3600;  // nothing leaves by itself
  c.sources = {s};
  c.calibrations["cold"] = {"K-1", 20260105, -5, 10, {-2}};
  AlarmConfig warm;
  warm.rule = {"warm", "cold", AlarmKind::kAbove, {8, 0}, std::nullopt, std::chrono::seconds(0)};
  AlarmConfig silent;
  silent.rule = {"dead", "cold", AlarmKind::kSilent, {}, std::nullopt, std::chrono::seconds(6)};
  c.alarms = {warm, silent};
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->alarms().size() == 1; }));
  EXPECT_EQ(node_->alarms()[0].channel, "cold");
  EXPECT_EQ(node_->alarms()[0].rule, "warm");
  EXPECT_EQ(node_->alarms()[0].value, 925);
  EXPECT_EQ(node_->series()["cold"].size(), 2u);
  ASSERT_FALSE(node_->births().empty());
  ASSERT_TRUE(node_->births()[0].sources[0].calibration);
  EXPECT_EQ(node_->births()[0].sources[0].calibration->certificate, "K-1");
  ASSERT_TRUE(eventually([&] { return node_->alarms().size() == 2; }));
  EXPECT_EQ(node_->alarms()[1].rule, "dead");
  stop();
  EXPECT_EQ(counts_.alarms, 2u);
}

TEST_F(AgentTest, AlarmsOfARecordedFileAreSignedOnceEach) {
  Config c = config();
  c.exit_when_done = true;
  c.sources = {replay(2000)};  // 0.00 to 19.99, one a second
  AlarmConfig warm;
  warm.rule = {"warm", "t", AlarmKind::kAbove, {8, 0}, std::nullopt, std::chrono::seconds(60)};
  warm.actions.run = {"/bin/false"};
  c.alarms = {warm};
  start(c);
  ASSERT_TRUE(waits_for_end());
  EXPECT_EQ(node_->series()["t"], expected(2000));
  ASSERT_EQ(node_->alarms().size(), 1u);
  EXPECT_EQ(node_->alarms()[0].value, 861) << "8.01 passed the limit, a minute before";
  EXPECT_EQ(agent_->counts().alarm_failures, 0u);
}

// A publisher that may name channels as it likes spoke for a sensor of another source, and ended its alarm.
TEST_F(AgentTest, AnInputThatNamesItsChannelsDoesNotSpeakForAnothersSensor) {
  const auto says = [&](const char* name, const std::string& lines) {
    SourceConfig s;
    s.name = name;
    ExecOptions exec;
    exec.name = name;
    exec.command = {"/bin/sh", "-c", "printf '" + lines + "'; exec sleep 600"};
    s.options = exec;
    return s;
  };
  Config c = config();
  c.bundle_s = 1;
  c.sources = {replay(10), says("loud", R"([{"n":"t","v":4}]\n[{"n":"own","v":7}]\n)")};
  start(c);
  ASSERT_TRUE(eventually([&] { return !node_->series()["own"].empty(); }));
  ASSERT_TRUE(eventually([&] { return node_->series()["t"].size() >= 10; }));
  EXPECT_EQ(node_->series()["t"], expected(10));
  EXPECT_TRUE(eventually([&] {
    return agent_->board().text().find("lotmark_agent_readings_refused_total 1\n") !=
           std::string::npos;
  })) << "figures are told a turn later";
}

// Each name was kept in memory and on disk, without end.
TEST(Owners, NamesOfNobodyAreLimitedAndTheConfigurationsOwnAreNot) {
  ChannelOwners owners;
  SourceConfig sensor;
  sensor.name = "room";
  SysfsOptions o;
  o.channels.resize(1);
  o.channels[0].is.channel = "cold";
  sensor.options = o;
  owners.set({sensor});
  owners.know({{"old", 7}, {"cold", 7}});
  std::vector<Reading> readings;
  for (int i = 0; i < 5000; ++i)
    readings.push_back(test::quantity("c" + std::to_string(i), test::kT0, 1));
  const auto refused = owners.keep_own("loud", readings);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->owner, "");
  EXPECT_EQ(readings.size(), ChannelOwners::kMadeUpMax - 1) << "one was there before";
  readings = {test::quantity("c7", test::kT0, 1), test::quantity("old", test::kT0, 1)};
  EXPECT_FALSE(owners.keep_own("loud", readings));
  readings = {test::quantity("cold", test::kT0, 1)};
  EXPECT_FALSE(owners.keep_own("room", readings));
  EXPECT_EQ(readings.size(), 1u);
}

TEST_F(AgentTest, ADamagedOutboxIsSetAsideTwiceAndRecordingGoesOn) {
  for (int round = 1; round <= 3; ++round) {
    std::filesystem::create_directories(dir_ / "state");
    for (const char* end : {"-wal", "-shm"})
      std::filesystem::remove(dir_ / "state/outbox.db" + std::string(end));
    std::ofstream(dir_ / "state/outbox.db", std::ios::trunc) << std::string(8192, 'x');
    const auto agent = Agent::make(
        config(), clock_, [this](const bus::PahoOptions&) -> Result<std::unique_ptr<bus::Bus>> {
          return hub_.connect();
        });
    EXPECT_EQ(agent.code(), round <= 2 ? Errc::kOk : Errc::kCorrupt);
  }
  EXPECT_EQ(std::filesystem::file_size(dir_ / "state/outbox.db.damaged-2"), 8192u);
}

// The default lets no bundle go; the sensor is read all the same.
TEST_F(AgentTest, AnAlarmActsWhileTheOutboxIsFullAndWhatFoundNoRoomIsDeclared) {
  node_->lose(1 << 30);
  const std::string chip = "class/hwmon/hwmon0/";
  std::filesystem::create_directories(dir_ / chip);
  (void)dir_.write(chip + "name", "room\n");
  SysfsOptions o;
  o.name = "room";
  o.root = dir_ / "";
  o.timing.interval = std::chrono::milliseconds(5);
  for (int i = 1; i <= 8; ++i) {
    (void)dir_.write(chip + "temp" + std::to_string(i) + "_input", "4875\n");
    SysfsChannel ch;
    ch.is.channel = "t" + std::to_string(i);
    ch.is.unit = "Cel";
    ch.is.exp = -3;
    ch.device = *read_sysfs_device("hwmon:room");
    ch.attribute = "temp" + std::to_string(i);
    o.channels.push_back(std::move(ch));
  }
  SourceConfig s;
  s.name = "room";
  s.options = o;
  AlarmConfig alarm;
  alarm.rule = {"warm", "t1", AlarmKind::kAbove, {8, 0}, std::nullopt, std::chrono::seconds(0)};
  alarm.actions.run = {"/bin/sh", "-c", "echo $LOTMARK_ALARM_STATE > " + (dir_ / "siren")};
  Config c = config();
  c.bundle_s = 1;
  c.outbox_max_bytes = 1;
  c.sources = {s};
  c.alarms = {alarm};
  start(c);
  ASSERT_TRUE(eventually([&] {  // the first window is sealed: no room any more
    return agent_->board().text().find("lotmark_agent_outbox_bytes 0\n") == std::string::npos;
  }));
  std::this_thread::sleep_for(std::chrono::seconds(2));  // and the queue is full
  (void)dir_.write(chip + "temp1_input", "9000\n");
  EXPECT_TRUE(
      eventually([&] { return std::filesystem::exists(dir_ / "siren"); }, std::chrono::seconds(5)));
  node_->lose(0);
  EXPECT_TRUE(eventually([&] {
    const auto gaps = node_->gaps()["t2"];
    return std::ranges::any_of(gaps, [](const auto& g) {
      return g.second == static_cast<std::int64_t>(GapReason::kOutboxFull);
    });
  }));
}

}  // namespace
}  // namespace lotmark::agent
