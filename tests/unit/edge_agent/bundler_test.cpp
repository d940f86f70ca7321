#include "edge-agent/bundle/bundler.h"

#include <random>

#include "core/wire/limits.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

using test::opened;
using test::quantity;

constexpr std::uint64_t kWindow = 60000;
constexpr std::int64_t kBegin = 1767600000000;  // begins a minute

class BundlerTest : public testing::Test {
 protected:
  BundlerTest() : signer_(test::new_signer()), bundler_({test::chain(), kWindow}, *signer_, {}) {
    file_ = bundler_.add_lane(true);
    live_ = bundler_.add_lane(false);
  }
  Result<Added> add(std::size_t lane, const Reading& r, std::int64_t now = kBegin) {
    return bundler_.add(lane, r, from_ms(now), ClockState::kSynchronised, out_);
  }
  void seal(std::size_t lane) {
    ASSERT_TRUE(bundler_.seal(lane, from_ms(kBegin), ClockState::kSynchronised, out_));
  }
  Bundle body(std::size_t i) { return opened(out_.at(i).wire, signer_->public_key()).bundle.body; }

  std::unique_ptr<Signer> signer_;
  Bundler bundler_;
  std::size_t file_ = 0;
  std::size_t live_ = 0;
  std::vector<SealedBundle> out_;
};

TEST_F(BundlerTest, RandomReadingsGiveWindowsLinksAndAnnotationsOfBruteForce) {
  std::mt19937_64 random(20260105);
  std::map<std::string, std::vector<std::pair<std::int64_t, std::int64_t>>> given;
  std::int64_t t = kBegin;
  for (int i = 0; i < 20000; ++i) {
    t += static_cast<std::int64_t>(random() % 40);
    const std::string channel = "c" + std::to_string(random() % 5);
    const auto v = static_cast<std::int64_t>(random() % 1000) - 500;
    ASSERT_TRUE(add(file_, quantity(channel, t, v), kBegin + 3600000));
    given[channel].emplace_back(t, v);
  }
  seal(file_);
  ASSERT_GT(out_.size(), 5u);
  std::map<std::string, std::vector<std::pair<std::int64_t, std::int64_t>>> got;
  std::optional<Digest> prev;
  for (std::size_t i = 0; i < out_.size(); ++i) {
    const auto o = opened(out_[i].wire, signer_->public_key());
    const Bundle& b = o.bundle.body;
    EXPECT_EQ(b.seq, i + 1);
    EXPECT_EQ(b.prev, prev);
    EXPECT_EQ(b.from / kWindow, b.to / kWindow);
    EXPECT_EQ(b.clock, ClockState::kRecorded);
    EXPECT_EQ(o.bundle.id, out_[i].id);
    prev = out_[i].id;
    std::uint64_t count = 0;
    for (std::size_t c = 0; c < b.channels.size(); ++c) {
      const auto& a = std::get<merkle::Annotation>(b.channels[c].annotation);
      const auto& r = o.channels[c];
      merkle::Annotation brute{r.times.size(),  r.quantity[0],  r.quantity[0],
                               r.times.front(), r.times.back(), 0};
      for (std::size_t k = 0; k < r.times.size(); ++k) {
        brute.min = std::min(brute.min, r.quantity[k]);
        brute.max = std::max(brute.max, r.quantity[k]);
        if (k != 0) brute.gap_max = std::max(brute.gap_max, r.times[k] - r.times[k - 1]);
        got[b.channels[c].name].emplace_back(r.times[k], r.quantity[k]);
      }
      EXPECT_EQ(a, brute);
      count += a.count;
    }
    EXPECT_EQ(count, out_[i].readings);
    EXPECT_LE(count, limits::kReadings);
  }
  EXPECT_EQ(got, given);
}

TEST_F(BundlerTest, WindowIsNeverCrossed) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 59999, 1)));
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 60000, 2)));
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_EQ(body(0).to, static_cast<std::uint64_t>(kBegin + 59999));
  EXPECT_EQ(bundler_.state().seq, 1u);
}

TEST_F(BundlerTest, SealsAt4096Readings) {
  for (int i = 0; i < 4097; ++i) ASSERT_TRUE(add(file_, quantity("t", kBegin + i, i)));
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_EQ(out_[0].readings, 4096u);
  seal(file_);
  EXPECT_EQ(out_[1].readings, 1u);
}

TEST_F(BundlerTest, SealsAt32Channels) {
  for (int i = 0; i < 33; ++i)
    ASSERT_TRUE(add(file_, quantity("c" + std::to_string(i), kBegin, i)));
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_EQ(body(0).channels.size(), 32u);
}

TEST_F(BundlerTest, WhatIsNotANumberIsADeclaredGapAndNeighboursAreJoined) {
  Reading gap = quantity("t", kBegin + 1000, 0);
  gap.value = GapReason::kNotANumber;
  ASSERT_TRUE(add(file_, quantity("t", kBegin, 5)));
  ASSERT_TRUE(add(file_, gap));
  gap.t += 1000;
  ASSERT_TRUE(add(file_, gap));
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 3000, 5)));
  gap.t += 2000;
  ASSERT_TRUE(add(file_, gap));
  seal(file_);
  const Bundle b = body(0);
  ASSERT_EQ(b.gaps.size(), 2u);
  const auto u = [](std::int64_t t) { return static_cast<std::uint64_t>(kBegin + t); };
  EXPECT_EQ(b.gaps[0], (DeclaredGap{0, u(1000), u(2000), GapReason::kNotANumber}));
  EXPECT_EQ(b.gaps[1], (DeclaredGap{0, u(4000), u(4000), GapReason::kNotANumber}));
  EXPECT_EQ(b.to, u(4000));
}

TEST_F(BundlerTest, OnlyGapsMakeABundleToo) {
  Reading gap = quantity("t", kBegin + 1000, 0);
  gap.value = GapReason::kNotANumber;
  ASSERT_TRUE(add(file_, gap));
  seal(file_);
  const Bundle b = body(0);
  EXPECT_EQ(b.channels.at(0).annotation.index(), 0u);
  EXPECT_EQ(b.from, b.to);
}

TEST_F(BundlerTest, SixtyFourGapsAreEnoughForOneBundle) {
  for (int i = 0; i < 200; ++i) {
    Reading gap = quantity("t", kBegin + 2 * i, 0);
    gap.value = GapReason::kNotANumber;
    ASSERT_TRUE(add(file_, gap));
    ASSERT_TRUE(add(file_, quantity("t", kBegin + 2 * i + 1, i)));
  }
  seal(file_);
  ASSERT_EQ(out_.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_LE(body(i).gaps.size(), limits::kGaps);
}

TEST_F(BundlerTest, AValueBeyondTheProfileIsAGap) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin, limits::kIntMax + 1)));
  seal(file_);
  EXPECT_EQ(body(0).gaps.at(0).reason, GapReason::kNotANumber);
}

TEST_F(BundlerTest, AnOlderReadingOfTheChannelIsDroppedAndDeclared) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 5000, 1)));
  EXPECT_EQ(*add(file_, quantity("t", kBegin + 2000, 2)), Added::kLate);
  ASSERT_TRUE(add(file_, quantity("u", kBegin + 2000, 3)));  // another channel keeps its own time
  seal(file_);
  const Bundle b = body(0);
  EXPECT_EQ(out_[0].readings, 2u);
  ASSERT_EQ(b.gaps.size(), 1u);
  EXPECT_EQ(b.gaps[0].reason, GapReason::kClockSet);
  EXPECT_EQ(b.gaps[0].from, static_cast<std::uint64_t>(kBegin + 2000));
  EXPECT_EQ(bundler_.dropped(), 1u);
}

TEST_F(BundlerTest, AChannelsTimesNeverFallFromBundleToBundle) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 60000, 1)));
  seal(file_);
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 1000, 2)));
  ASSERT_TRUE(add(file_, quantity("t", kBegin + 60000, 3)));
  seal(file_);
  EXPECT_EQ(out_[1].readings, 1u);
  EXPECT_EQ(body(1).gaps.size(), 1u);
}

TEST_F(BundlerTest, ALiveReadingFarAheadOfTheClockIsDropped) {
  ASSERT_TRUE(add(live_, quantity("t", kBegin + 61000, 1)));
  ASSERT_TRUE(add(live_, quantity("t", kBegin + 100, 2)));
  seal(live_);
  EXPECT_EQ(out_.at(0).readings, 1u);
  EXPECT_EQ(body(0).gaps.at(0).reason, GapReason::kClockSet);
}

// A gateway in local time taken for UTC: once nothing more was recorded until the false time had come, and nothing left.
TEST_F(BundlerTest, WhatAClockAheadDatedAndNobodySealedGivesWayToTheRightTime) {
  const std::int64_t ahead = kBegin + 8 * 3600000;
  ASSERT_TRUE(add(live_, quantity("t", ahead, 1), ahead));
  ASSERT_TRUE(add(live_, quantity("u", ahead + 10, 1), ahead));
  ASSERT_TRUE(bundler_.alarm(live_, "warm", ahead, quantity("t", ahead, 1), from_ms(ahead),
                             ClockState::kFreeRunning, out_));
  EXPECT_EQ(*add(live_, quantity("t", kBegin + 100, 2)), Added::kTaken);
  EXPECT_EQ(*add(live_, quantity("u", kBegin + 200, 2)), Added::kTaken);
  ASSERT_TRUE(bundler_.tick(from_ms(kBegin + 60500), ClockState::kSynchronised, out_));
  ASSERT_EQ(out_.size(), 1u) << "its window ends with the right time";
  EXPECT_EQ(out_[0].readings, 2u);
  const Bundle b = body(0);
  const auto t = static_cast<std::uint64_t>(kBegin + 100);
  EXPECT_EQ(b.gaps, (std::vector<DeclaredGap>{{0, t, t, GapReason::kClockSet},
                                              {1, t, t, GapReason::kClockSet}}));
  ASSERT_EQ(b.alarms.size(), 1u);
  EXPECT_EQ(b.alarms[0].channel, std::optional<std::uint64_t>(0));
  EXPECT_EQ(bundler_.dropped(), 2u);
  EXPECT_EQ(bundler_.dropping_until(), Time{});
}

// With windows of an hour most of such a clock's readings lie in the window of now.
TEST_F(BundlerTest, AClockAheadWithinTheWindowsLengthGivesWayAsWell) {
  Bundler b({test::chain(), 3600000}, *signer_, {});
  const auto lane = b.add_lane(false);
  const auto give = [&](std::int64_t t) {
    return *b.add(lane, quantity("t", t, 1), from_ms(t), ClockState::kSynchronised, out_);
  };
  const std::int64_t hour = kBegin - kBegin % 3600000;
  give(hour + 1200000);
  EXPECT_EQ(give(hour + 100), Added::kTaken);
  ASSERT_TRUE(b.seal(lane, from_ms(hour), ClockState::kSynchronised, out_));
  EXPECT_EQ(out_.at(0).readings, 1u);
  EXPECT_EQ(b.dropping_until(), Time{});
}

TEST_F(BundlerTest, WhatAClockAheadSealedIsToldOfInEachWindowUntilItsTimeHasCome) {
  const std::int64_t ahead = kBegin + 8 * 3600000;
  ASSERT_TRUE(add(live_, quantity("t", ahead, 1), ahead));
  seal(live_);
  ASSERT_TRUE(add(live_, quantity("t", ahead + 60000, 2), ahead + 60000));
  for (std::int64_t t = kBegin; t < kBegin + 120000; t += 30000) {
    EXPECT_EQ(*add(live_, quantity("t", t, 3), t), Added::kLate);
    ASSERT_TRUE(bundler_.tick(from_ms(t + 1), ClockState::kSynchronised, out_));
  }
  ASSERT_TRUE(bundler_.tick(from_ms(kBegin + 120500), ClockState::kSynchronised, out_));
  ASSERT_EQ(out_.size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) {
    const Bundle b = body(i);
    ASSERT_EQ(b.gaps.size(), 1u);
    EXPECT_EQ(b.gaps[0].reason, GapReason::kClockSet);
    EXPECT_EQ(b.from / kWindow, static_cast<std::uint64_t>(kBegin) / kWindow + i - 1);
  }
  EXPECT_EQ(bundler_.dropping_until(), from_ms(ahead));
  EXPECT_EQ(*add(live_, quantity("t", ahead, 4), ahead), Added::kTaken);
}

// One byte of it made a node refuse the bundle without a word, and with it all that followed.
TEST_F(BundlerTest, ATextThatIsNoUtf8IsADeclaredGapAndANameThatIsNoneIsRefused) {
  Reading r = quantity("gate", kBegin, 0);
  r.unit = "";
  r.value = std::string("\xff");
  EXPECT_EQ(*add(live_, r), Added::kTaken);
  EXPECT_FALSE(add(live_, quantity("t\xc3", kBegin, 1)));
  Reading odd = quantity("t", kBegin, 1);
  odd.unit = "\xed\xa0\x80";
  EXPECT_FALSE(add(live_, odd));
  seal(live_);
  EXPECT_EQ(out_.at(0).readings, 0u);
  const Bundle b = body(0);
  EXPECT_EQ(b.gaps.at(0).reason, GapReason::kNotANumber);
  EXPECT_EQ(b.channels.at(0).kind, ChannelKind::kEpc);
}

TEST_F(BundlerTest, AnAlarmsValueBeyondTheProfileIsLeftOut) {
  ASSERT_TRUE(bundler_.alarm(live_, "warm", kBegin, quantity("t", kBegin, limits::kIntMax + 1),
                             from_ms(kBegin), ClockState::kSynchronised, out_));
  seal(live_);
  ASSERT_EQ(body(0).alarms.size(), 1u);
  EXPECT_EQ(body(0).alarms[0].value, std::nullopt);
}

class FailingSigner final : public Signer {
 public:
  explicit FailingSigner(const Signer& inner) : inner_(inner) {}
  const PublicKey& public_key() const override { return inner_.public_key(); }
  const KeyId& kid() const override { return inner_.kid(); }
  Result<Signature> sign(const Digest& digest) const override {
    if (fails) return fail(Errc::kCrypto, "no token");
    return inner_.sign(digest);
  }
  bool fails = true;

 private:
  const Signer& inner_;
};

TEST_F(BundlerTest, WhereTheKeyDoesNotSignTheWindowStaysAndTheReadingCanComeAgain) {
  FailingSigner signer(*signer_);
  Bundler b({test::chain(), kWindow}, signer, {});
  const auto lane = b.add_lane(false);
  const auto give = [&](std::int64_t t) {
    return b.add(lane, quantity("t", t, 1), from_ms(t), ClockState::kSynchronised, out_);
  };
  ASSERT_TRUE(give(kBegin));
  EXPECT_EQ(give(kBegin + 60000).code(), Errc::kCrypto);
  EXPECT_EQ(b.tick(from_ms(kBegin + 61000), ClockState::kSynchronised, out_).code(), Errc::kCrypto);
  signer.fails = false;
  ASSERT_TRUE(give(kBegin + 60000));
  ASSERT_TRUE(b.seal(lane, from_ms(kBegin), ClockState::kSynchronised, out_));
  ASSERT_EQ(out_.size(), 2u);
  EXPECT_EQ(out_[0].readings + out_[1].readings, 2u);
  EXPECT_EQ(out_[1].seq, 2u);
}

// A row of the year 2926 once took the channel's clock with it: 58 good rows after it were dropped, and nothing
// said so.
TEST_F(BundlerTest, ARecordedReadingOfTheFutureIsRefusedAndTheRestIsTaken) {
  const std::int64_t now = kBegin + 3600000;
  const std::int64_t y2926 = kBegin + 900LL * 365 * 86400000;
  ASSERT_TRUE(add(file_, quantity("t", kBegin, 1), now));
  EXPECT_EQ(*add(file_, quantity("t", y2926, 2), now), Added::kAhead);
  for (int i = 1; i < 59; ++i) {
    EXPECT_EQ(*add(file_, quantity("t", kBegin + i * 60000, i), now), Added::kTaken);
  }
  seal(file_);
  ASSERT_EQ(out_.size(), 59u);
  const auto t0 = static_cast<std::uint64_t>(kBegin);
  const Bundle b = body(0);
  ASSERT_EQ(b.gaps.size(), 1u);
  EXPECT_EQ(b.gaps[0], (DeclaredGap{0, t0, t0, GapReason::kNotANumber}));
  EXPECT_EQ(b.to, t0);
  EXPECT_EQ(bundler_.dropped(), 0u);
  EXPECT_EQ(bundler_.state().last.at("t"), t0 + 58 * 60000);
}

TEST_F(BundlerTest, AGapOfTheFutureIsNoBetterThanAReading) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin, 1)));
  Reading gap = quantity("t", kBegin + 61000, 0);
  gap.value = GapReason::kNotANumber;
  EXPECT_EQ(*add(file_, gap), Added::kAhead);
  EXPECT_TRUE(out_.empty());
}

TEST_F(BundlerTest, AnUnsetClockRefusesNoRecording) {
  const auto added =
      bundler_.add(file_, quantity("t", kBegin, 1), from_ms(1000), ClockState::kUnset, out_);
  EXPECT_EQ(*added, Added::kTaken);
}

TEST_F(BundlerTest, LiveWindowsAreSealedByTheClock) {
  ASSERT_TRUE(add(live_, quantity("t", kBegin, 1)));
  ASSERT_TRUE(add(file_, quantity("u", kBegin, 1)));
  EXPECT_EQ(bundler_.deadline(), from_ms(kBegin + 60500));
  ASSERT_TRUE(bundler_.tick(from_ms(kBegin + 60499), ClockState::kFreeRunning, out_));
  EXPECT_TRUE(out_.empty());
  ASSERT_TRUE(bundler_.tick(from_ms(kBegin + 60500), ClockState::kFreeRunning, out_));
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_EQ(body(0).clock, ClockState::kFreeRunning);
  EXPECT_FALSE(bundler_.deadline());
}

TEST_F(BundlerTest, TextsAreCountedInAnEpcChannel) {
  Reading r = quantity("gate", kBegin, 0);
  r.value = std::string("urn:epc:id:sgtin:0950600.013430.1");
  ASSERT_TRUE(add(live_, r));
  seal(live_);
  const auto o = opened(out_[0].wire, signer_->public_key());
  EXPECT_EQ(o.bundle.body.channels[0].kind, ChannelKind::kEpc);
  EXPECT_EQ(o.channels[0].epc.at(0), "urn:epc:id:sgtin:0950600.013430.1");
}

Reading text_at(std::int64_t t) {
  Reading r = quantity("gate", t, 0);
  r.unit = "";
  r.value = std::string("urn:epc:id:sgtin:0950600.013430.1");
  return r;
}

TEST_F(BundlerTest, AGapOfATextChannelLeavesItOne) {
  ASSERT_TRUE(add(live_, as_gap(text_at(kBegin), GapReason::kSensorLost)));
  ASSERT_TRUE(add(live_, text_at(kBegin + 1)));
  EXPECT_TRUE(out_.empty());
  seal(live_);
  ASSERT_EQ(out_.size(), 1u);
  ASSERT_EQ(body(0).channels.size(), 1u);
  EXPECT_EQ(body(0).channels[0].kind, ChannelKind::kEpc);
  EXPECT_EQ(body(0).channels[0].exp.value, 0);
  EXPECT_EQ(body(0).gaps.size(), 1u);
}

TEST_F(BundlerTest, ALateTextIsAGapOfATextChannel) {
  ASSERT_TRUE(add(live_, text_at(kBegin + 5)));
  seal(live_);
  EXPECT_EQ(*add(live_, text_at(kBegin)), Added::kLate);
  seal(live_);
  EXPECT_EQ(body(1).channels[0].kind, ChannelKind::kEpc);
  EXPECT_EQ(body(1).gaps.size(), 1u);
}

TEST_F(BundlerTest, AnotherUnitIsAnotherBundle) {
  ASSERT_TRUE(add(file_, quantity("t", kBegin, 1)));
  Reading kelvin = quantity("t", kBegin + 1, 1);
  kelvin.unit = "K";
  ASSERT_TRUE(add(file_, kelvin));
  EXPECT_EQ(out_.size(), 1u);
}

TEST_F(BundlerTest, OpenFromNamesTheFirstReadingNotYetSealed) {
  Reading r = quantity("t", kBegin, 1);
  r.at = {100, 2};
  ASSERT_TRUE(add(file_, r));
  r.at = {150, 0};
  r.t += 1;
  ASSERT_TRUE(add(file_, r));
  EXPECT_EQ(bundler_.open_from(file_), (Position{100, 2}));
  r.at = {200, 1};
  r.t = kBegin + 60000;
  ASSERT_TRUE(add(file_, r));
  EXPECT_EQ(bundler_.open_from(file_), (Position{200, 1}));
}

TEST_F(BundlerTest, ImpossibleTimesAndNamesAreRefused) {
  EXPECT_EQ(add(file_, quantity("t", -1, 1)).code(), Errc::kFieldRange);
  EXPECT_EQ(add(file_, quantity("", kBegin, 1)).code(), Errc::kFieldRange);
  EXPECT_EQ(add(file_, quantity(std::string(33, 'x'), kBegin, 1)).code(), Errc::kFieldRange);
  EXPECT_FALSE(bundler_.open_from(file_));
}

TEST_F(BundlerTest, TheAnchorOnlyGrows) {
  bundler_.set_anchor({7, Digest{}});
  bundler_.set_anchor({5, Digest{}});
  ASSERT_TRUE(add(file_, quantity("t", kBegin, 1)));
  seal(file_);
  EXPECT_EQ(body(0).anchor->size, 7u);
}

}  // namespace
}  // namespace lotmark::agent
