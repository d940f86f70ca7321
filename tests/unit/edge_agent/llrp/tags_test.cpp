// What becomes of a tag report: its time, its channel, and whether it is told.
#include "edge-agent/source/llrp/tags.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "edge-agent/source/llrp/reader_clock.h"

namespace lotmark::agent::llrp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kT0 = 1'767'600'000'000;
constexpr std::uint64_t kYear2000 = 946'684'800'000'000;

class ReaderClockTest : public testing::Test {
 protected:
  // So long after the connection began, by both of our clocks.
  Moment at(std::int64_t ms) const {
    return {Mono(seconds(50)) + milliseconds(ms), from_ms(kT0 + ms)};
  }
  static Stamp utc(std::int64_t ms) { return {true, static_cast<std::uint64_t>(kT0 + ms) * 1000}; }
  ReaderClock clock_{milliseconds(2000)};
};

TEST_F(ReaderClockTest, UtcThatAgreesIsTheTime) {
  clock_.begin(utc(300), at(0));
  EXPECT_EQ(clock_.time_of(utc(1300), at(1010)), kT0 + 1300);
  EXPECT_EQ(clock_.from(), TimeFrom::kReader);
}

TEST_F(ReaderClockTest, AClockThatSays2000GivesOnlyHowLongAgoItWas) {
  clock_.begin(Stamp{true, kYear2000}, at(0));
  EXPECT_EQ(clock_.time_of(Stamp{true, kYear2000 + 5'000'000}, at(9000)), kT0 + 5000);
  EXPECT_EQ(clock_.from(), TimeFrom::kOffset);
  EXPECT_LT(clock_.ahead().count(), -800'000'000'000);
}

TEST_F(ReaderClockTest, WhatWasHeldBeforeTheConnectionHasItsOwnTime) {
  clock_.begin(Stamp{true, kYear2000}, at(0));
  EXPECT_EQ(clock_.time_of(Stamp{true, kYear2000 - 60'000'000}, at(20)), kT0 - 60000);
  clock_.begin(utc(0), at(0));
  EXPECT_EQ(clock_.time_of(utc(-60000), at(20)), kT0 - 60000);
  EXPECT_EQ(clock_.from(), TimeFrom::kReader);
}

TEST_F(ReaderClockTest, UptimeIsMeasuredAlike) {
  clock_.begin(Stamp{false, 7'000'000}, at(0));
  EXPECT_EQ(clock_.time_of(Stamp{false, 7'500'000}, at(900)), kT0 + 500);
  EXPECT_EQ(clock_.from(), TimeFrom::kOffset);
}

TEST_F(ReaderClockTest, WithoutAStampItIsTheArrival) {
  clock_.begin(std::nullopt, at(0));
  EXPECT_EQ(clock_.time_of(std::nullopt, at(40)), kT0 + 40);
  EXPECT_EQ(clock_.from(), TimeFrom::kArrival);
  EXPECT_EQ(clock_.time_of(Stamp{true, ~std::uint64_t{0}}, at(50)), kT0 + 50);
}

TEST_F(ReaderClockTest, AReaderWhoseClockIsSetMeanwhileIsMeasuredAnew) {
  clock_.begin(Stamp{true, kYear2000}, at(0));
  EXPECT_EQ(clock_.time_of(utc(10000), at(10000)), kT0 + 10000);
  EXPECT_EQ(clock_.from(), TimeFrom::kReader);
  EXPECT_EQ(clock_.time_of(Stamp{true, kYear2000}, at(11000)), kT0 + 11000);  // and back
  EXPECT_EQ(clock_.time_of(Stamp{true, kYear2000 + 1'000'000}, at(12500)), kT0 + 12000);
  EXPECT_EQ(clock_.from(), TimeFrom::kOffset);
}

TEST_F(ReaderClockTest, OurOwnClockMayBeSetMeanwhile) {
  const Moment unset{Mono(seconds(50)), from_ms(0)};
  clock_.begin(utc(0), unset);
  EXPECT_EQ(clock_.time_of(utc(100), {unset.mono + milliseconds(200), from_ms(200)}), 100);
  EXPECT_EQ(clock_.from(), TimeFrom::kOffset);
  EXPECT_EQ(clock_.time_of(utc(1000), at(1000)), kT0 + 1000);
  EXPECT_EQ(clock_.from(), TimeFrom::kReader);
}

TEST_F(ReaderClockTest, AReportHeldFromBeforeTheReadersClockWasSetHasItsArrival) {
  clock_.begin(utc(0), at(0));
  EXPECT_EQ(clock_.time_of(Stamp{true, kYear2000}, at(5)), kT0 + 5);
  EXPECT_EQ(clock_.time_of(utc(10), at(10)), kT0 + 10);
  EXPECT_EQ(clock_.from(), TimeFrom::kReader);
}

TagReport tag(const std::string& hex, std::uint16_t antenna = 1, int rssi = -50) {
  TagReport r;
  r.epc = from_hex(hex).value();
  r.epc_bits = r.epc.size() * 8;
  r.antenna = antenna;
  r.rssi_dbm = static_cast<std::int8_t>(rssi);
  return r;
}

constexpr const char* kItem = "3066C4409047E140075BCD15";

TEST(Tags, ATagIsATextInItsAntennasChannel) {
  Tags tags({.channel = "other", .antennas = {{1, "in"}, {2, "out"}}});
  const auto r = tags.take(tag(kItem, 2), kT0);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->channel, "out");
  EXPECT_EQ(r->t, kT0);
  EXPECT_EQ(std::get<std::string>(r->value), "urn:epc:id:sgtin:95060001343.05.123456789");
  EXPECT_EQ(tags.channels(), (std::vector<std::string>{"in", "out"}));
  EXPECT_EQ(Tags({.channel = "dock"}).channels(), std::vector<std::string>{"dock"});
}

TEST(Tags, ATagThatStaysIsToldOnce) {
  Tags tags({.channel = "dock", .quiet = milliseconds(5000)});
  EXPECT_TRUE(tags.take(tag(kItem), kT0));
  for (int t = 1; t < 20; ++t) EXPECT_FALSE(tags.take(tag(kItem), kT0 + t * 4999)) << t;
  EXPECT_TRUE(tags.take(tag(kItem), kT0 + 19 * 4999 + 5000));
  EXPECT_TRUE(tags.take(tag("3066C4409047E140075BCD16"), kT0 + 200000));
}

TEST(Tags, EachChannelTellsItsOwn) {
  Tags tags({.channel = "dock", .antennas = {{1, "in"}, {2, "out"}}});
  EXPECT_TRUE(tags.take(tag(kItem, 1), kT0));
  EXPECT_TRUE(tags.take(tag(kItem, 2), kT0));
  EXPECT_FALSE(tags.take(tag(kItem, 1), kT0));
}

TEST(Tags, OneThatStaysIsToldAgainIfAsked) {
  Tags tags({.channel = "dock",
             .antennas = {},
             .quiet = milliseconds(5000),
             .repeat = milliseconds(60000)});
  int told = 0;
  for (int t = 0; t <= 180; ++t) told += tags.take(tag(kItem), kT0 + t * 1000) ? 1 : 0;
  EXPECT_EQ(told, 4);
}

TEST(Tags, WithoutQuietEachReadIsTold) {
  Tags tags({.channel = "dock", .quiet = milliseconds(0)});
  EXPECT_TRUE(tags.take(tag(kItem), kT0));
  EXPECT_TRUE(tags.take(tag(kItem), kT0));
}

TEST(Tags, FaintReadsArePassedOver) {
  Tags tags({.channel = "dock", .min_rssi_dbm = -60});
  EXPECT_FALSE(tags.take(tag(kItem, 1, -61), kT0));
  EXPECT_TRUE(tags.take(tag(kItem, 1, -60), kT0));
}

TEST(Tags, ALittleLateHasTheTimeOfTheYounger) {
  Tags tags({.channel = "dock"});
  EXPECT_EQ(tags.take(tag("01"), kT0)->t, kT0);
  EXPECT_EQ(tags.take(tag("02"), kT0 - 1000)->t, kT0);
  EXPECT_EQ(tags.take(tag("03"), kT0 - 1001)->t, kT0 - 1001);
}

TEST(Tags, WhatIsRememberedIsBounded) {
  Tags tags({.channel = "dock"});
  const auto numbered = [](unsigned i) {
    return tag(
        to_hex(ByteView(Bytes{static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                              static_cast<std::uint8_t>(i), 1})));
  };
  for (unsigned i = 0; i < 16384; ++i) EXPECT_TRUE(tags.take(numbered(i), kT0));
  EXPECT_FALSE(tags.take(numbered(0), kT0));     // still there, and the newest now
  EXPECT_TRUE(tags.take(numbered(20000), kT0));  // takes the place of 1
  EXPECT_FALSE(tags.take(numbered(0), kT0));
  EXPECT_TRUE(tags.take(numbered(1), kT0));
}

TEST(Tags, ATagWhoseToggleSaysItIsNoEpcIsRaw) {
  TagReport r = tag(kItem);
  r.pc = std::uint16_t{0x31A1};
  EXPECT_EQ(text_of(r, gs1::EpcForm::kUrn), "urn:epc:raw:96.xA1.x3066C4409047E140075BCD15");
  r.pc = std::uint16_t{0x3000};
  EXPECT_EQ(text_of(r, gs1::EpcForm::kLink), "https://id.gs1.org/01/09506000134352/21/123456789");
}

}  // namespace
}  // namespace lotmark::agent::llrp
