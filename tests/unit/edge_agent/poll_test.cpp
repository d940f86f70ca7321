// The sampler on a clock that stands still until told, with devices that do what the test says.
#include <deque>

#include "edge-agent/source/poll/sampler.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kT0 = 1767600000000;

Exact exact(std::string_view text) { return *Exact::read(text); }

TEST(ExactNumber, ScalesAndShiftsWithoutLosingADigit) {
  EXPECT_EQ(exact("25080") * exact("0.001"), exact("25.08"));
  EXPECT_EQ(exact("18446744073709551615") * exact("18446744073709551615"),
            exact("340282366920938463426481119284349108225"));
  EXPECT_EQ(exact("1e300") + exact("1e-300") + exact("-1e300"), exact("1e-300"));
  EXPECT_EQ(exact("-0.1") + exact("0.3"), exact("0.2"));
  EXPECT_EQ(exact("0.1") + exact("-0.3"), exact("-0.2"));
  EXPECT_EQ(exact("-7") + exact("7"), Exact());
  EXPECT_EQ(exact("999") + exact("1"), exact("1e3"));
  EXPECT_EQ(exact("-0.00"), Exact());
  EXPECT_EQ(exact("0") * exact("-5"), Exact());
  EXPECT_EQ(Exact(std::numeric_limits<std::int64_t>::min()), exact("-9223372036854775808"));
}

TEST(ExactNumber, AgreesWithIntegersOverManyPairs) {
  std::uint64_t seed = 1;
  const auto next = [&] {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>(seed >> 33) - (std::int64_t{1} << 30);
  };
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t a = next() >> (i % 30);
    const std::int64_t b = next() >> (i % 17);
    ASSERT_EQ(Exact(a) + Exact(b), Exact(a + b)) << a << ' ' << b;
    ASSERT_EQ(Exact(a) * Exact(b), Exact(a * b)) << a << ' ' << b;
    ASSERT_EQ(exact(Exact(a).text()), Exact(a));
  }
}

TEST(ExactNumber, IsWrittenAsPeopleDo) {
  for (const char* text : {"0", "-0.05", "12.345", "1500", "0.000000000000000001", "-7", "1.5"}) {
    EXPECT_EQ(exact(text).text(), text);
  }
  EXPECT_EQ(exact("-1.25e-30").text(), "-125e-32");
  EXPECT_EQ(exact("2e40").text(), "2e40");
}

TEST(ExactNumber, OfAFloatIsTheShortestThatReadsBack) {
  EXPECT_EQ(*Exact::of(0.1F), exact("0.1"));
  EXPECT_EQ(*Exact::of(0.1), exact("0.1"));
  EXPECT_EQ(*Exact::of(-21.3F), exact("-21.3"));
  EXPECT_EQ(*Exact::of(16777216.0F), exact("16777216"));
  EXPECT_EQ(*Exact::of(5e-324), exact("5e-324"));
  EXPECT_EQ(*Exact::of(-0.0), Exact());
  EXPECT_FALSE(Exact::of(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_FALSE(Exact::of(std::numeric_limits<double>::infinity()));
}

TEST(ExactNumber, RoundsHalfAwayFromZeroOrRefuses) {
  std::int64_t v = 0;
  EXPECT_TRUE(exact("-21.345").in_units(-2, true, v));
  EXPECT_EQ(v, -2135);
  EXPECT_FALSE(exact("-21.345").in_units(-2, false, v));
  EXPECT_TRUE(exact("2.1e1").in_units(-2, false, v));
  EXPECT_EQ(v, 2100);
  EXPECT_FALSE(exact("1e20").in_units(0, true, v));
  EXPECT_TRUE(exact("5e-324").in_units(-2, true, v));
  EXPECT_EQ(v, 0);
}

TEST(ExactNumber, RefusesWhatIsNoNumber) {
  for (const auto& text : {"", "-", ".", "1 2", "0x1f", "1e", "1e999", "nan", "inf", "1,5"}) {
    EXPECT_FALSE(Exact::read(text)) << text;
  }
  EXPECT_FALSE(Exact::read(std::string(65, '1')));
}

PolledChannel channel(std::int64_t deadband = 0) {
  PolledChannel c;
  c.channel = "t";
  c.unit = "Cel";
  c.exp = -2;
  c.deadband = deadband;
  return c;
}

// What is handed on of one value a second; a lost sensor where there is none.
std::vector<std::int64_t> handed_on(PolledChannel c, Millis at_least_every,
                                    const std::vector<const char*>& values) {
  ChannelFilter filter(std::move(c), at_least_every);
  std::vector<std::int64_t> out;
  std::int64_t t = kT0;
  for (const char* v : values) {
    const Sample s = v == nullptr ? Sample{} : Sample{exact(v), {}};
    const auto r = filter.take(s, from_ms(t += 1000));
    if (r) out.push_back(std::holds_alternative<GapReason>(r->value) ? -1 : std::get<0>(r->value));
  }
  return out;
}
using List = std::vector<std::int64_t>;

TEST(ChannelFilter, WithoutADeadbandAllIsHandedOn) {
  EXPECT_EQ(handed_on(channel(), 900s, {"1", "1", "1"}), (List{100, 100, 100}));
}

TEST(ChannelFilter, OnChangeLeavesOutWhatIsTheSame) {
  EXPECT_EQ(handed_on(channel(1), 900s, {"1", "1", "1.001", "1.01", "1"}), (List{100, 101, 100}));
}

TEST(ChannelFilter, ADeadbandIsMeasuredFromWhatWasHandedOn) {
  EXPECT_EQ(handed_on(channel(50), 900s, {"1", "1.2", "1.4", "1.5", "1.1", "1"}),
            (List{100, 150, 100}));
}

TEST(ChannelFilter, TheLongestSilenceEndsWithAReading) {
  EXPECT_EQ(handed_on(channel(50), 3s, {"1", "1.1", "1.2", "1.3", "1.3", "1.3", "1.4"}),
            (List{100, 130, 140}));
}

// A limit of 1.3 was crossed by less than the deadband: the alarm came when the longest silence ended.
TEST(ChannelFilter, WhatCrossesAnAlarmsLimitIsHandedOnHoweverLittleItMoved) {
  PolledChannel c = channel(50);
  c.limits = {{13, -1}};
  EXPECT_EQ(handed_on(c, 900s, {"1.25", "1.3", "1.31", "1.4", "1.29", "1.2"}),
            (List{125, 130, 131, 129}));
  EXPECT_EQ(handed_on(c, 900s, {"0.1", "-0.1", "0"}), (List{10}));  // zero is no limit
}

TEST(ChannelFilter, AfterAGapTheFirstValueIsHandedOn) {
  EXPECT_EQ(handed_on(channel(50), 900s, {"1", nullptr, nullptr, "1"}), (List{100, -1, -1, 100}));
}

TEST(ChannelFilter, WhatDoesNotFitIsADeclaredGap) {
  ChannelFilter filter(channel(), 900s);
  const auto r = filter.take({exact("1e20"), {}}, from_ms(kT0));
  ASSERT_TRUE(r);
  EXPECT_EQ(std::get<GapReason>(r->value), GapReason::kNotANumber);
}

TEST(ChannelFilter, ScaleAndOffsetAreExact) {
  PolledChannel c = channel();
  c.exp = -3;
  c.round = false;
  c.scale = exact("0.1");
  c.offset = exact("-40.003");
  EXPECT_EQ(handed_on(c, 900s, {"653"}), (List{25297}));
}

TEST(ChannelFilter, AGapIsRepeatedOnceASecond) {
  ChannelFilter filter(channel(), 900s);
  int handed = 0;
  for (int i = 0; i < 30; ++i) {
    if (filter.take({}, from_ms(kT0 + i * 100))) ++handed;
  }
  EXPECT_EQ(handed, 3);
}

// A device of the test: each answer is a value, or a failure where there is none.
struct Script {
  std::deque<std::optional<Exact>> answers;
  std::optional<Exact> always;  // once the answers are used up
  int opened = 0;
  int asked = 0;
  Millis takes{0};
};

// Both of the sampler's clocks.
struct World {
  ManualClock clock{from_ms(kT0)};
  Tick steady{100000s};
  void advance(Millis by) {
    clock.advance(by);
    steady += by;
  }
};

class ScriptedProbe final : public Probe {
 public:
  ScriptedProbe(Script& script, World& world) : script_(script), world_(world) {}
  Status open() override {
    ++script_.opened;
    return {};
  }
  Status read(const PollContext&, std::vector<Sample>& out) override {
    ++script_.asked;
    world_.advance(script_.takes);
    auto answer = script_.always;
    if (!script_.answers.empty()) {
      answer = script_.answers.front();
      script_.answers.pop_front();
    }
    if (!answer) return fail(Errc::kIo, "no answer");
    out[0].value = *answer;
    return {};
  }
  void close() override {}

 private:
  Script& script_;
  World& world_;
};

class SamplerTest : public testing::Test {
 protected:
  Sampler& sampler(const std::vector<Script*>& scripts) {
    std::vector<PolledDevice> devices;
    for (auto* s : scripts) {
      PolledDevice d;
      d.name = "device " + std::to_string(devices.size());
      d.channels = {channel()};
      d.channels[0].channel = std::string(1, static_cast<char>('a' + devices.size()));
      d.channels[0].deadband = deadband_;
      d.probe = std::make_unique<ScriptedProbe>(*s, world_);
      devices.push_back(std::move(d));
    }
    sampler_ = std::make_unique<Sampler>("line", timing_, std::move(devices), world_.clock,
                                         [this] { return world_.steady; });
    return *sampler_;
  }
  // Turns for so long; what was handed on.
  std::vector<Reading> run(Millis span) {
    std::vector<Reading> out;
    const Tick end = world_.steady + span;
    while (sampler_->due() < end) {
      if (sampler_->due() > world_.steady) {
        world_.advance(std::chrono::ceil<Millis>(sampler_->due() - world_.steady));
      }
      for (auto& r : sampler_->turn()) out.push_back(std::move(r));
    }
    if (end > world_.steady) world_.advance(std::chrono::ceil<Millis>(end - world_.steady));
    return out;
  }
  static std::size_t values(const std::vector<Reading>& readings, const std::string& channel) {
    return static_cast<std::size_t>(std::ranges::count_if(readings, [&](const Reading& r) {
      return r.channel == channel && !std::holds_alternative<GapReason>(r.value);
    }));
  }
  static std::vector<std::int64_t> gaps(const std::vector<Reading>& readings,
                                        const std::string& channel, GapReason reason) {
    std::vector<std::int64_t> out;
    for (const auto& r : readings) {
      if (r.channel == channel && r.value == decltype(r.value)(reason)) out.push_back(r.t - kT0);
    }
    return out;
  }

  PollTiming timing_;
  std::int64_t deadband_ = 0;
  World world_;
  std::unique_ptr<Sampler> sampler_;
};

TEST_F(SamplerTest, TurnsComeAtOnceAndThenOnTheGrid) {
  timing_.interval = 10s;
  timing_.phase = 3s;
  Script s{{}, exact("1")};
  sampler({&s});
  std::vector<std::int64_t> times;
  for (const auto& r : run(40s)) times.push_back(r.t - kT0);
  EXPECT_EQ(times, (List{0, 3000, 13000, 23000, 33000}));
}

TEST_F(SamplerTest, JitterStaysWithinItsBound) {
  timing_.interval = 10s;
  timing_.jitter = 4s;
  Script s{{}, exact("1")};
  sampler({&s});
  bool spread = false;
  for (const auto& r : run(1000s)) {
    const auto late = (r.t - kT0) % 10000;
    EXPECT_LE(late, 4000);
    spread = spread || late != 0;
  }
  EXPECT_TRUE(spread);
  EXPECT_EQ(s.asked, 100);
}

TEST_F(SamplerTest, ASlowDeviceDoesNotCatchUp) {
  timing_.interval = 1s;
  Script s{{}, exact("1")};
  s.takes = 3500ms;
  sampler({&s});
  const auto readings = run(40s);
  for (std::size_t i = 1; i < readings.size(); ++i) {
    EXPECT_GE(readings[i].t - readings[i - 1].t, 3500);
  }
  EXPECT_EQ(readings.size(), 10u);
}

TEST_F(SamplerTest, ADeadDeviceIsAskedLessAndItsMissingTimeIsDeclared) {
  timing_.interval = 1s;
  timing_.degrade_after = 3;
  timing_.quarantine_max = 30s;
  Script s;
  sampler({&s});
  const auto readings = run(600s);
  // 3 to begin with, after 1, 2, 4, 8 and 16 s, then each 30 s
  EXPECT_LE(s.asked, 3 + 5 + 20);
  EXPECT_GE(s.asked, 3 + 5 + 17);
  EXPECT_EQ(s.opened, s.asked);
  const auto lost = gaps(readings, "a", GapReason::kSensorLost);
  ASSERT_FALSE(lost.empty());
  EXPECT_EQ(lost.front(), 0);
  for (std::size_t i = 1; i < lost.size(); ++i) EXPECT_LE(lost[i] - lost[i - 1], 1000);
  EXPECT_GE(lost.back(), 599000);
}

TEST_F(SamplerTest, ADeviceComesBackByItself) {
  timing_.interval = 1s;
  Script s{{}, exact("1")};
  for (int i = 0; i < 6; ++i) s.answers.emplace_back();
  sampler({&s});
  const auto readings = run(60s);
  const auto lost = gaps(readings, "a", GapReason::kSensorLost);
  EXPECT_EQ(lost.size() + values(readings, "a"), 60u);
  EXPECT_EQ(lost.back(), 16000);  // asked at 0, 1, 2, 3, 5, 9 and 17
  EXPECT_GT(values(readings, "a"), 40u);
}

TEST_F(SamplerTest, WithALongIntervalAFailedDeviceIsAskedSooner) {
  timing_.interval = 3600s;
  Script s{{std::nullopt, std::nullopt}, exact("1")};
  sampler({&s});
  const auto readings = run(60s);
  EXPECT_EQ(values(readings, "a"), 1u);
}

// The slave that is dead costs each attempt 2 s; the other one is asked each second.
TEST_F(SamplerTest, ADeadDeviceDoesNotStallAnotherOfTheSameLine) {
  timing_.interval = 1s;
  timing_.quarantine_max = 60s;
  Script dead;
  dead.takes = 2s;
  Script alive{{}, exact("1")};
  sampler({&dead, &alive});
  const auto readings = run(600s);
  EXPECT_GE(values(readings, "b"), 600u - 2u * static_cast<unsigned>(dead.asked));
  EXPECT_LE(dead.asked, 20);
  EXPECT_EQ(values(readings, "a"), 0u);
}

TEST_F(SamplerTest, WhereAllAreLateNoneIsLeftOut) {
  timing_.interval = 1s;
  Script a{{}, exact("1")};
  Script b = a;
  Script c = a;
  a.takes = b.takes = c.takes = 2s;
  sampler({&a, &b, &c});
  run(60s);
  EXPECT_NEAR(a.asked, 10, 1);
  EXPECT_NEAR(b.asked, 10, 1);
  EXPECT_NEAR(c.asked, 10, 1);
}

// Takes nothing while it is full.
class FullSink final : public Sink {
 public:
  bool put(std::vector<Reading> readings) override {
    got.insert(got.end(), readings.begin(), readings.end());
    return true;
  }
  bool put(DeviceObject) override { return true; }
  Offer offer(std::vector<Reading>& readings, Millis) override {
    if (full) return Offer::kFull;
    put(std::move(readings));
    return Offer::kTaken;
  }
  void last(std::vector<Reading> gaps) override { put(std::move(gaps)); }
  bool full = false;
  std::vector<Reading> got;
};

TEST_F(SamplerTest, WhatFindsNoRoomIsDeclaredOnceThereIsSomeAndTheDeviceIsReadOn) {
  Script s{{}, exact("1")};
  sampler({&s});
  FullSink sink;
  sink.full = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(sampler_->hand_on(sink, sampler_->turn()));
    world_.advance(10s);
  }
  EXPECT_EQ(s.asked, 5);
  sink.full = false;
  EXPECT_TRUE(sampler_->hand_on(sink, sampler_->turn()));
  EXPECT_EQ(gaps(sink.got, "a", GapReason::kOutboxFull), (List{0, 40000}));
  EXPECT_EQ(values(sink.got, "a"), 1u);
  sink.got.clear();
  EXPECT_TRUE(sampler_->hand_on(sink, {}));
  EXPECT_TRUE(sink.got.empty());
}

// A value that stays was handed on before, into no room: it is handed on again.
TEST_F(SamplerTest, AValueThatStaysIsHandedOnAgainOnceThereIsRoom) {
  Script s{{}, exact("1")};
  deadband_ = 5;
  sampler({&s});
  FullSink sink;
  sink.full = true;
  EXPECT_TRUE(sampler_->hand_on(sink, sampler_->turn()));
  world_.advance(10s);
  sink.full = false;
  EXPECT_TRUE(sampler_->hand_on(sink, sampler_->turn()));
  EXPECT_EQ(values(sink.got, "a"), 1u);
  world_.advance(10s);
  EXPECT_TRUE(sampler_->hand_on(sink, sampler_->turn()));
  EXPECT_EQ(values(sink.got, "a"), 1u) << "and then no more";
}

// On its thread and on real time: the first turn is at once, and stop() ends it.
TEST(Sampler, RunsUntilStopped) {
  class One final : public Sink {
   public:
    bool put(std::vector<Reading> readings) override {
      got += readings.size();
      return false;
    }
    bool put(DeviceObject) override { return true; }
    std::size_t got = 0;
  };
  World world;
  Script s{{}, exact("1")};
  std::vector<PolledDevice> devices;
  devices.push_back({"d", {channel()}, std::make_unique<ScriptedProbe>(s, world)});
  Sampler sampler("line", {}, std::move(devices), world.clock);
  One sink;
  auto end = sampler.run(sink);
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  EXPECT_EQ(sink.got, 1u);
  sampler.stop();
  EXPECT_TRUE(sampler.run(sink));
  EXPECT_EQ(sink.got, 1u);
}

}  // namespace
}  // namespace lotmark::agent
