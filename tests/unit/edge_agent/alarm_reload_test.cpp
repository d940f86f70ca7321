// Alarms over a reload. An operator edited another alarm, and a siren that sounded was never told that it may stop.
#include "tests/unit/edge_agent/agent_fixture.h"

namespace lotmark::agent::test {
namespace {

using namespace std::chrono_literals;
using Events = std::vector<AlarmEvent>;

AlarmRule above(const std::string& name, std::int64_t limit, std::chrono::seconds delay = 0s) {
  return {name, "cold", AlarmKind::kAbove, {limit, 0}, std::nullopt, delay};
}
AlarmRule silent(std::chrono::seconds delay) {
  return {"dead", "cold", AlarmKind::kSilent, {}, std::nullopt, delay};
}

// Rules on the channel "cold" before and after a reload; seconds of a clock that is told.
class RulesOverAReload : public testing::Test {
 protected:
  static AlarmWatch::Monotonic at(int s) { return AlarmWatch::Monotonic(std::chrono::seconds(s)); }
  static Events add(AlarmWatch& watch, int s, std::int64_t value, bool live = true) {
    Events out;
    watch.note(quantity("cold", kT0 + s * 1000, value), live, at(s), out);
    return out;
  }
  static Events succeed(AlarmWatch& next, AlarmWatch& old, int s) {
    Events out;
    next.succeed(old, from_ms(kT0 + s * 1000), out);
    return out;
  }
};

TEST_F(RulesOverAReload, OneThatIsRaisedStaysSoAndEndsOnce) {
  const std::vector<AlarmRule> old_rules = {above("warm", 8)};
  const std::vector<AlarmRule> rules = {above("hot", 20), above("warm", 8)};
  AlarmWatch old(old_rules, at(0));
  AlarmWatch next(rules, at(10));
  ASSERT_EQ(add(old, 0, 900).size(), 1u);
  EXPECT_TRUE(succeed(next, old, 10).empty());
  EXPECT_TRUE(add(next, 11, 900).empty()) << "said already";
  const auto ended = add(next, 12, 700);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].rule, 1u);
  EXPECT_FALSE(ended[0].raised);
}

TEST_F(RulesOverAReload, DelayAndSilenceCountOn) {
  const std::vector<AlarmRule> delayed = {above("warm", 8, 60s)};
  AlarmWatch warm(delayed, at(0));
  AlarmWatch warm_next(delayed, at(50));
  EXPECT_TRUE(add(warm, 0, 900).empty());
  EXPECT_TRUE(succeed(warm_next, warm, 50).empty());
  EXPECT_EQ(warm_next.deadline(), at(60));
  const std::vector<AlarmRule> dead = {silent(90s)};
  AlarmWatch quiet(dead, at(0));
  AlarmWatch quiet_next(dead, at(50));
  EXPECT_TRUE(succeed(quiet_next, quiet, 50).empty());
  EXPECT_EQ(quiet_next.deadline(), at(90));
}

TEST_F(RulesOverAReload, OneThatIsGoneOrAnotherIsEndedAndBeginsAnew) {
  const std::vector<AlarmRule> old_rules = {above("gone", 8), above("warm", 8)};
  const std::vector<AlarmRule> rules = {above("warm", 7)};
  AlarmWatch old(old_rules, at(0));
  AlarmWatch next(rules, at(10));
  ASSERT_EQ(add(old, 0, 900).size(), 2u);
  const auto ended = succeed(next, old, 10);
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].rule, 0u);
  EXPECT_EQ(ended[1].rule, 1u);
  for (const auto& e : ended) EXPECT_FALSE(e.raised);
  EXPECT_EQ(ended[0].t, kT0 + 10000);
  EXPECT_EQ(add(next, 11, 900).size(), 1u) << "the new limit is passed too";
}

TEST_F(RulesOverAReload, ALimitThatIsWrittenAnotherWayIsTheSame) {
  std::vector<AlarmRule> old_rules = {above("warm", 8)};
  std::vector<AlarmRule> rules = {above("warm", 8)};
  rules[0].limit = {80, -1};
  AlarmWatch old(old_rules, at(0));
  AlarmWatch next(rules, at(10));
  ASSERT_EQ(add(old, 0, 900).size(), 1u);
  EXPECT_TRUE(succeed(next, old, 10).empty());
}

TEST_F(RulesOverAReload, ARecordedInputIsEndedByItsOwnTimesAlone) {
  const std::vector<AlarmRule> old_rules = {above("warm", 8)};
  const std::vector<AlarmRule> rules{};
  AlarmWatch old(old_rules, at(0));
  AlarmWatch next(rules, at(10));
  ASSERT_EQ(add(old, 0, 900, false).size(), 1u);
  EXPECT_TRUE(succeed(next, old, 10).empty());
}

// A room at 9.25 degrees, and at 2.50 once it is let; a siren that writes what it is told.
class AlarmReload : public AgentTest {
 protected:
  Config warm_room(const std::string& before = "") {
    SourceConfig s;
    s.name = "probe";
    ExecOptions exec;
    exec.name = "probe";
    exec.senml.columns = {{"cold", "cold", "Cel", -2}};
    const std::string say = "echo '[{\"n\":\"cold\",\"v\":";
    exec.command = {"/bin/sh", "-c",
                    say + "9.25}]'; " + until("cool") + say + "2.5}]'; exec sleep 60"};
    s.options = exec;
    Config c = config();
    c.bundle_s = 1;
    c.sources = {s};
    AlarmConfig warm;
    warm.rule = above("warm", 8);
    warm.actions.run = {"/bin/sh", "-c", before + "echo $LOTMARK_ALARM_STATE >> " + dir_ / "siren"};
    c.alarms.push_back(warm);
    return c;
  }
  std::string until(const std::string& file) {
    return "while [ ! -e " + dir_ / file + " ]; do sleep 0.05; done; ";
  }
  std::string siren() {
    std::ifstream in(dir_ / "siren");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void reload(Config next) {
    agent_->reload(std::move(next));
    ASSERT_TRUE(eventually([&] { return agent_->generation() == 2; }));
  }
  bool signed_as_ended() {
    return eventually([&] {
      const auto all = node_->alarms();
      return all.size() == 2 && all[0].rule == "warm" && all[1].rule == "warm/cleared";
    });
  }
};

TEST_F(AlarmReload, AnEditOfAnotherAlarmLeavesOneThatIsRaisedToEnd) {
  Config c = warm_room();
  start(c);
  ASSERT_TRUE(eventually([&] { return siren() == "raised\n"; }));
  AlarmConfig other;
  other.rule = above("hot", 20);
  c.alarms.insert(c.alarms.begin(), other);
  reload(c);
  dir_.write("cool", "");
  EXPECT_TRUE(eventually([&] { return siren() == "raised\ncleared\n"; })) << siren();
  EXPECT_TRUE(signed_as_ended());
  stop();
  EXPECT_EQ(counts_.alarms, 1u);
}

TEST_F(AlarmReload, OneThatIsTakenOutIsEnded) {
  Config c = warm_room();
  start(c);
  ASSERT_TRUE(eventually([&] { return siren() == "raised\n"; }));
  c.alarms.clear();
  reload(c);
  EXPECT_TRUE(eventually([&] { return siren() == "raised\ncleared\n"; })) << siren();
  EXPECT_TRUE(signed_as_ended());
}

TEST_F(AlarmReload, AProgramThatRunsGoesOn) {
  Config c = warm_room(until("ring"));
  start(c);
  ASSERT_TRUE(eventually([&] { return node_->alarms().size() == 1; }));
  c.alarms[0].actions.webhook = "https://alerts.example/hook";
  reload(c);
  dir_.write("ring", "");
  EXPECT_TRUE(eventually([&] { return siren() == "raised\n"; }));
}

}  // namespace
}  // namespace lotmark::agent::test
