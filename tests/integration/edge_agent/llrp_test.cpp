// The source of type llrp against a reader on a real TCP port, compared with what the reader saw.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <random>

#include "edge-agent/source/llrp/llrp.h"
#include "edge-agent/source/probe.h"
#include "tests/integration/edge_agent/tcp_reader.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent {
namespace {

using agent::test::eventually;
using llrp::test::TcpReader;
using std::chrono::milliseconds;

const SystemClock system_clock_of_ours;

constexpr std::int64_t kYears26Us = std::int64_t{26} * 365 * 24 * 3600 * 1000000;

class Collected final : public Sink {
 public:
  bool put(std::vector<Reading> readings) override {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !blocked_; });
    for (auto& r : readings) readings_.push_back(std::move(r));
    return true;
  }
  bool put(DeviceObject) override { return false; }
  void block(bool yes) {
    std::lock_guard lock(mutex_);
    blocked_ = yes;
    wake_.notify_all();
  }
  std::vector<Reading> all() {
    std::lock_guard lock(mutex_);
    return readings_;
  }
  // Texts of one channel, or gaps.
  std::vector<Reading> tags(const std::string& channel) {
    return of(channel,
              [](const Reading& r) { return std::holds_alternative<std::string>(r.value); });
  }
  std::vector<Reading> gaps(const std::string& channel) {
    return of(channel, [](const Reading& r) { return std::holds_alternative<GapReason>(r.value); });
  }

 private:
  template <class Is>
  std::vector<Reading> of(const std::string& channel, Is is) {
    std::vector<Reading> out;
    for (auto& r : all()) {
      if (r.channel == channel && is(r)) out.push_back(std::move(r));
    }
    return out;
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  bool blocked_ = false;
  std::vector<Reading> readings_;
};

class LlrpTest : public testing::Test {
 protected:
  void TearDown() override { stop(); }
  LlrpOptions options(const TcpReader& reader) {
    LlrpOptions o;
    o.name = "dock";
    o.host = "127.0.0.1";
    o.port = reader.port();
    o.tags.channel = "dock";
    o.session.keepalive = milliseconds(800);
    return o;
  }
  void start(LlrpOptions o) {
    source_ = std::make_unique<LlrpSource>(std::move(o), system_clock_of_ours);
    thread_ = std::thread([this] { result_ = source_->run(sink_); });
  }
  void start(const TcpReader& reader) { start(options(reader)); }
  void stop() {
    if (!thread_.joinable()) return;
    sink_.block(false);
    source_->stop();
    thread_.join();
    EXPECT_TRUE(result_ && !**result_);  // stopped, and nothing else
  }
  // The reader runs our ROSpec and would report.
  static bool running(TcpReader& reader) {
    return eventually([&] {
      return reader.with_model([](const auto& m) {
        return !m.asked.empty() && !m.rospecs.empty() && m.rospecs.begin()->second == 2 &&
               std::ranges::find(m.asked, llrp::MessageType::kEnableEventsAndReports) !=
                   m.asked.end();
      });
    });
  }
  bool got(std::size_t count, const std::string& channel = "dock") {
    return eventually([&] { return sink_.tags(channel).size() >= count; });
  }
  std::string text_at(std::size_t place, const std::string& channel = "dock") {
    return std::get<std::string>(sink_.tags(channel).at(place).value);
  }

  Collected sink_;
  std::unique_ptr<LlrpSource> source_;
  std::thread thread_;
  std::optional<Result<std::optional<Position>>> result_;
};

std::string raw(const std::string& epc) { return "urn:epc:raw:96.x" + epc; }
std::string epc(unsigned n) { return fmt::format("E2000000000000000000{:04X}", n); }

TEST_F(LlrpTest, EachTagHasTheTextTheTimeAndTheChannelThatTheReaderSaw) {
  TcpReader reader;
  auto o = options(reader);
  o.tags.antennas = {{1, "in"}, {2, "out"}};
  o.session.rospec.antennas = {1, 2};
  start(o);
  ASSERT_TRUE(running(reader));
  std::vector<std::pair<std::int64_t, std::string>> truth[2];
  for (unsigned i = 0; i < 200; ++i) {
    const auto us = reader.see(epc(i), static_cast<std::uint16_t>(1 + i % 2));
    truth[i % 2].emplace_back(static_cast<std::int64_t>(us / 1000), raw(epc(i)));
  }
  ASSERT_TRUE(got(100, "in"));
  ASSERT_TRUE(got(100, "out"));
  for (const auto& [channel, expected] : {std::pair{"in", truth[0]}, std::pair{"out", truth[1]}}) {
    const auto tags = sink_.tags(channel);
    ASSERT_EQ(tags.size(), expected.size());
    for (std::size_t i = 0; i < tags.size(); ++i) {
      EXPECT_EQ(tags[i].t, expected[i].first);
      EXPECT_EQ(std::get<std::string>(tags[i].value), expected[i].second);
    }
    EXPECT_TRUE(sink_.gaps(channel).empty());
  }
  EXPECT_EQ(source_->counts().records, 200u);
}

// By how long ago it was: never before the tag was there, never after it was told.
TEST_F(LlrpTest, AReaderWhoseClockSays2000HasTheGatewaysTimes) {
  TcpReader reader({}, -kYears26Us);
  start(reader);
  ASSERT_TRUE(running(reader));
  for (unsigned i = 0; i < 20; ++i) {
    const auto before = to_ms(system_clock_of_ours.now());
    reader.see(epc(i));
    ASSERT_TRUE(got(i + 1));
    const auto t = sink_.tags("dock")[i].t;
    EXPECT_GE(t, before - 1);
    EXPECT_LE(t, to_ms(system_clock_of_ours.now()));
  }
}

TEST_F(LlrpTest, KeepalivesAreAnsweredForAsLongAsItRuns) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(eventually([&] {
    return reader.with_model([](const auto& m) { return m.keepalives_answered.size() >= 5; });
  }));
  EXPECT_EQ(reader.connections(), 1);
}

TEST_F(LlrpTest, AReportCutInTheMiddleIsNoTagAndTheGapIsDeclared) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  const auto first = reader.see(epc(1));
  ASSERT_TRUE(got(1));
  reader.cut_next_report(30);
  reader.see(epc(2));
  ASSERT_TRUE(eventually([&] { return reader.connections() == 2; }));
  ASSERT_TRUE(eventually([&] {
    return reader.with_model(
        [](const auto& m) { return m.asked.back() == llrp::MessageType::kGetReport; });
  }));
  reader.see(epc(3));
  ASSERT_TRUE(got(2));
  EXPECT_EQ(text_at(1), raw(epc(3)));
  const auto gaps = sink_.gaps("dock");
  ASSERT_GE(gaps.size(), 2u);
  EXPECT_GE(gaps.front().t, static_cast<std::int64_t>(first / 1000));
  EXPECT_LE(gaps.back().t, sink_.tags("dock")[1].t);
  for (const auto& gap : gaps) EXPECT_EQ(std::get<GapReason>(gap.value), GapReason::kSensorLost);
}

TEST_F(LlrpTest, WhatTheReaderSawWhileNobodyWasConnectedComesWithItsTimeAndInsideTheGap) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  reader.see(epc(1));
  ASSERT_TRUE(got(1));
  reader.hang_up();
  const auto held = reader.see(epc(2));
  ASSERT_TRUE(got(2));
  EXPECT_EQ(text_at(1), raw(epc(2)));
  const auto t = sink_.tags("dock")[1].t;
  EXPECT_EQ(t, static_cast<std::int64_t>(held / 1000));
  const auto gaps = sink_.gaps("dock");
  ASSERT_GE(gaps.size(), 2u);
  EXPECT_LE(gaps.front().t, t);
  EXPECT_GE(gaps.back().t, t);
  const auto added = reader.with_model(
      [](const auto& m) { return std::ranges::count(m.asked, llrp::MessageType::kAddRospec); });
  EXPECT_EQ(added, 1);  // it ran on
}

TEST_F(LlrpTest, AReaderWhoseKeepalivesStopIsLeftAndAskedAgain) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  reader.see(epc(1));
  ASSERT_TRUE(got(1));
  reader.mute(true);
  ASSERT_TRUE(eventually([&] { return !sink_.gaps("dock").empty(); }));
  reader.mute(false);
  ASSERT_TRUE(eventually([&] { return reader.connections() >= 2; }));
  ASSERT_TRUE(eventually([&] {
    reader.see(epc(2));
    return sink_.tags("dock").size() >= 2;
  }));
  EXPECT_EQ(text_at(1), raw(epc(2)));
}

TEST_F(LlrpTest, AReaderWithoutPowerIsSetUpAgainWhenItIsBack) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  reader.see(epc(1));
  ASSERT_TRUE(got(1));
  reader.power(false);
  ASSERT_TRUE(eventually([&] { return sink_.gaps("dock").size() >= 2; }));
  reader.power(true);
  ASSERT_TRUE(running(reader));
  ASSERT_TRUE(eventually([&] {
    reader.see(epc(2));
    return sink_.tags("dock").size() >= 2;
  }));
  EXPECT_EQ(text_at(1), raw(epc(2)));
}

TEST_F(LlrpTest, AnAntennaThatGoesIsAGapOfItsChannelAlone) {
  TcpReader reader;
  auto o = options(reader);
  o.tags.antennas = {{1, "in"}, {2, "out"}};
  o.session.rospec.antennas = {1, 2};
  start(o);
  ASSERT_TRUE(running(reader));
  reader.tell(llrp::ParameterType::kAntennaEvent, {0, 0, 2});
  ASSERT_TRUE(eventually([&] { return sink_.gaps("out").size() == 1; }));
  reader.tell(llrp::ParameterType::kAntennaEvent, {1, 0, 2});
  ASSERT_TRUE(eventually([&] { return sink_.gaps("out").size() == 2; }));
  EXPECT_TRUE(sink_.gaps("in").empty());
}

TEST_F(LlrpTest, APortThatNothingIsPluggedIntoIsNoGap) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  reader.tell(llrp::ParameterType::kAntennaEvent, {0, 0, 4});
  reader.see(epc(1));
  ASSERT_TRUE(got(1));
  EXPECT_TRUE(sink_.gaps("dock").empty());
}

TEST_F(LlrpTest, ReportsTheReaderCouldNotKeepAreAGap) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  reader.tell(llrp::ParameterType::kReportBufferOverflow, {});
  EXPECT_TRUE(eventually([&] { return sink_.gaps("dock").size() == 1; }));
}

TEST_F(LlrpTest, ADamagedTagIsCountedAndDeclaredAndTheOthersAreTold) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  Bytes body = llrp::test::report_body({{.epc = epc(1), .micros = reader.micros()}});
  const Bytes damaged = from_hex("00f000068101").value();
  body.insert(body.end(), damaged.begin(), damaged.end());
  reader.send(llrp::test::reader_message(llrp::MessageType::kRoAccessReport, 1, body));
  ASSERT_TRUE(got(1));
  ASSERT_TRUE(eventually([&] { return sink_.gaps("dock").size() == 1; }));
  EXPECT_EQ(std::get<GapReason>(sink_.gaps("dock")[0].value), GapReason::kNotANumber);
  EXPECT_EQ(source_->counts().bad, 1u);
  EXPECT_EQ(reader.connections(), 1);
}

// Which channel is it? None that was asked for: it is not put into another.
TEST_F(LlrpTest, ATagOfAnAntennaThatWasNotAskedForIsCountedAndDeclared) {
  TcpReader reader;
  auto o = options(reader);
  o.tags.antennas = {{1, "in"}, {2, "out"}};
  o.session.rospec.antennas = {1, 2};
  start(o);
  ASSERT_TRUE(running(reader));
  reader.see(epc(1), 3);
  reader.see(epc(2), 2);
  ASSERT_TRUE(got(1, "out"));
  ASSERT_TRUE(eventually([&] { return sink_.gaps("in").size() == 1; }));
  EXPECT_EQ(sink_.gaps("out").size(), 1u);
  EXPECT_EQ(source_->counts().bad, 1u);
  EXPECT_EQ(sink_.all().size(), 3u);
}

// The agent could not take readings for a while: the reader did not fall silent.
TEST_F(LlrpTest, AFullAgentIsNotTakenForASilentReader) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  sink_.block(true);
  const int before = reader.keepalives();
  for (unsigned i = 0; i < 50; ++i) reader.see(epc(i));
  ASSERT_TRUE(eventually([&] { return reader.keepalives() >= before + 5; }));
  sink_.block(false);
  ASSERT_TRUE(got(50));
  EXPECT_EQ(reader.connections(), 1);
  EXPECT_TRUE(sink_.gaps("dock").empty());
}

// A reader gone mad fills no disk.
TEST_F(LlrpTest, OfWhatAReaderSaysTheLogHasTwentyLinesAMinute) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  testing::internal::CaptureStdout();
  for (int i = 0; i < 200; ++i)
    reader.tell(llrp::ParameterType::kReaderException, {0, 2, 'n', 'o'});
  reader.see(epc(1));
  const bool all = got(1);
  std::string log = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(all);
  std::size_t lines = 0;
  for (auto at = log.find("reader.says"); at != std::string::npos;
       at = log.find("reader.says", at + 1)) {
    ++lines;
  }
  EXPECT_GE(lines, 20u);
  EXPECT_LE(lines, 40u);  // a minute may have begun meanwhile
}

TEST_F(LlrpTest, LeavingClosesInOrderAndTheReaderRunsOn) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  stop();
  EXPECT_TRUE(reader.with_model([](const auto& m) {
    return m.asked.back() == llrp::MessageType::kCloseConnection && m.rospecs.begin()->second == 2;
  }));
}

TEST_F(LlrpTest, SeenWhileTheAgentWasDownComesWhenItRunsAgain) {
  TcpReader reader;
  start(reader);
  ASSERT_TRUE(running(reader));
  stop();
  reader.hang_up();
  const auto held = reader.see(epc(7));
  start(reader);
  ASSERT_TRUE(got(1));
  EXPECT_EQ(sink_.tags("dock")[0].t, static_cast<std::int64_t>(held / 1000));
}

TEST(LlrpTrial, ReachesAReaderAndNamesOneThatIsAway) {
  TcpReader reader;
  LlrpOptions o;
  o.host = "127.0.0.1";
  o.port = reader.port();
  const auto found = probe(o);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_NE(found->find("takes connections"), std::string::npos) << *found;
  reader.power(false);
  EXPECT_FALSE(probe(o));
}

TEST(LlrpTrial, AReaderThatServesSomebodyElseIsThere) {
  llrp::test::ModelOptions busy;
  busy.connection_status = 2;
  TcpReader reader(busy);
  LlrpOptions o;
  o.host = "127.0.0.1";
  o.port = reader.port();
  const auto found = probe(o);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_NE(found->find("status 2"), std::string::npos) << *found;
}

TEST(LlrpTrial, AReaderThatFailsIsAFault) {
  llrp::test::ModelOptions broken;
  broken.connection_status = 3;
  TcpReader reader(broken);
  LlrpOptions o;
  o.host = "127.0.0.1";
  o.port = reader.port();
  const auto found = probe(o);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("status 3"), std::string::npos) << found.error().text;
}

}  // namespace
}  // namespace lotmark::agent
