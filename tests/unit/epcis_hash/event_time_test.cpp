#include "core/epcis/hash/event_time.h"

#include <gtest/gtest.h>

namespace lotmark::epcis {
namespace {

std::string in_utc(std::string_view text) {
  const auto ms = event_time_ms(text);
  return ms ? event_time_text(*ms) : "none";
}

TEST(EventTime, OfAnyZoneIsWrittenInUtc) {
  EXPECT_EQ(in_utc("2020-03-04T11:00:30.000+01:00"), "2020-03-04T10:00:30.000Z");
  EXPECT_EQ(in_utc("2020-03-04T11:00:30-09:30"), "2020-03-04T20:30:30.000Z");
  EXPECT_EQ(in_utc("2020-03-04T11:00:30Z"), "2020-03-04T11:00:30.000Z");
  EXPECT_EQ(in_utc("2020-03-04t11:00:30z"), "2020-03-04T11:00:30.000Z");
  EXPECT_EQ(in_utc("2020-03-04T11:00:30-00:00"), "2020-03-04T11:00:30.000Z");
}

TEST(EventTime, CountsMillisecondsSince1970) {
  EXPECT_EQ(event_time_ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(event_time_ms("1970-01-01T00:00:00.001Z"), 1);
  EXPECT_EQ(event_time_ms("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(event_time_ms("2026-03-02T08:15:00+01:00"), 1'772'435'700'000);
}

TEST(EventTime, TheFourthDecimalRoundsTheThird) {
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.1415Z"), "2023-02-02T11:04:03.142Z");
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.1414Z"), "2023-02-02T11:04:03.141Z");
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.1425Z"), "2023-02-02T11:04:03.143Z");
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.14149999999999999Z"), "2023-02-02T11:04:03.141Z");
  EXPECT_EQ(in_utc("1969-12-31T23:59:59.9985Z"), "1969-12-31T23:59:59.999Z");
}

TEST(EventTime, RoundingCarriesOverAYearsEnd) {
  EXPECT_EQ(in_utc("2025-12-31T23:59:59.9995Z"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(in_utc("1969-12-31T23:59:59.9995Z"), "1970-01-01T00:00:00.000Z");
}

TEST(EventTime, FewerDecimalsAreFilled) {
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.1Z"), "2023-02-02T11:04:03.100Z");
  EXPECT_EQ(in_utc("2023-02-02T11:04:03.14Z"), "2023-02-02T11:04:03.140Z");
}

TEST(EventTime, YearsAre0000To9999InUtc) {
  EXPECT_EQ(event_time_ms("0000-01-01T00:00:00Z"), kEventTimeMin);
  EXPECT_EQ(event_time_ms("9999-12-31T23:59:59.999Z"), kEventTimeMax);
  EXPECT_EQ(event_time_text(kEventTimeMin), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(event_time_text(kEventTimeMax), "9999-12-31T23:59:59.999Z");
  EXPECT_FALSE(event_time_ms("0000-01-01T00:00:00+00:01"));
  EXPECT_FALSE(event_time_ms("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(event_time_ms("9999-12-31T23:59:59.9995Z"));
  EXPECT_FALSE(event_time_ms("-001-01-01T00:00:00Z"));
  EXPECT_FALSE(event_time_ms("10000-01-01T00:00:00Z"));
}

TEST(EventTime, TextBeyondTheRangeIsItsEnd) {
  EXPECT_EQ(event_time_text(INT64_MAX), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(event_time_text(INT64_MIN), "0000-01-01T00:00:00.000Z");
}

TEST(EventTime, DaysThatDoNotExistAreNone) {
  EXPECT_TRUE(event_time_ms("2024-02-29T00:00:00Z"));
  EXPECT_TRUE(event_time_ms("2000-02-29T00:00:00Z"));
  for (const auto* text : {"2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2023-04-31T00:00:00Z",
                           "2023-00-10T00:00:00Z", "2023-13-10T00:00:00Z", "2023-01-00T00:00:00Z",
                           "2023-01-32T00:00:00Z"}) {
    EXPECT_FALSE(event_time_ms(text)) << text;
  }
}

TEST(EventTime, LeapSecondsAndHour24AreNone) {
  EXPECT_FALSE(event_time_ms("2016-12-31T23:59:60Z"));
  EXPECT_FALSE(event_time_ms("2016-12-31T24:00:00Z"));
  EXPECT_FALSE(event_time_ms("2016-12-31T23:60:00Z"));
}

TEST(EventTime, OffsetsEndAt14Hours) {
  EXPECT_TRUE(event_time_ms("2023-01-01T00:00:00+14:00"));
  EXPECT_TRUE(event_time_ms("2023-01-01T00:00:00-14:00"));
  EXPECT_FALSE(event_time_ms("2023-01-01T00:00:00+14:01"));
  EXPECT_FALSE(event_time_ms("2023-01-01T00:00:00+13:60"));
}

TEST(EventTime, OtherFormsAreNone) {
  for (const auto* text : {"",
                           "2023",
                           "2023-01-01",
                           "2023-01-01T00:00:00",
                           "2023-01-01T00:00Z",
                           "2023-01-01 00:00:00Z",
                           "2023-01-01T00:00:00.Z",
                           "2023-01-01T00:00:00,5Z",
                           "2023-01-01T00:00:00+0100",
                           "2023-01-01T00:00:00+01",
                           "2023-01-01T00:00:00+1:00",
                           "2023-01-01T00:00:00Z ",
                           " 2023-01-01T00:00:00Z",
                           "2023-1-1T00:00:00Z",
                           "20230101T000000Z",
                           "2023-01-01T00:00:00ZZ",
                           "2023-01-01T00:00:00+01:00Z",
                           "2023-W01-1T00:00:00Z",
                           "2023-01-01T0x:00:00Z",
                           "2023-01-01T00:00:00.12x4Z",
                           "2023-01-01T00:00:00UTC"}) {
    EXPECT_FALSE(event_time_ms(text)) << text;
  }
}

TEST(EventTime, EveryShorterTextIsNone) {
  const std::string text = "2020-03-04T11:00:30.1415+01:00";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(event_time_ms(text.substr(0, size))) << size;
}

TEST(EventTime, TextsHaveALimit) {
  const std::string start = "2020-03-04T11:00:30.";
  const auto longest = kEventTimeTextMax - start.size() - 1;
  EXPECT_TRUE(event_time_ms(start + std::string(longest, '1') + "Z"));
  EXPECT_FALSE(event_time_ms(start + std::string(longest + 1, '1') + "Z"));
  EXPECT_FALSE(event_time_ms(start + std::string(1'000'000, '1') + "Z"));
}

TEST(EventTime, WhatIsWrittenReadsAsTheSame) {
  for (std::int64_t ms = kEventTimeMin; ms < kEventTimeMax - 86'399'987'654'321;
       ms += 7'654'321'987'654)
    EXPECT_EQ(event_time_ms(event_time_text(ms)), ms);
}

}  // namespace
}  // namespace lotmark::epcis
