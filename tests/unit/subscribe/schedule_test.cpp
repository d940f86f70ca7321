// When schedules report, as a table of times.
#include "ledger-node/subscribe/schedule.h"

#include <gtest/gtest.h>

namespace lotmark::node {
namespace {

using epcis::Json;

Json json_of(const char* text) { return Json::parse(text); }

std::string next_of(const char* schedule, const char* after) {
  const auto s = Schedule::read(json_of(schedule));
  if (!s) return s.error().message();
  const auto t = s->next(*from_iso(after));
  return t ? to_iso(*t) : "never";
}

struct Case {
  const char* schedule;
  const char* after;
  const char* next;
};

TEST(Schedule, NextTimeIsTheFirstBehindThatMatchesAllParts) {
  const Case cases[] = {
      // GS1's own example: every morning at 1.05.
      {R"({"hour":"1","minute":"5"})", "2026-05-04T00:00:00Z", "2026-05-04T01:05:00.000Z"},
      {R"({"hour":"1","minute":"5"})", "2026-05-04T01:05:00Z", "2026-05-05T01:05:00.000Z"},
      {R"({"hour":"1","minute":"5"})", "2026-05-04T01:05:59.999Z", "2026-05-05T01:05:00.000Z"},
      {R"({"hour":1})", "2026-12-31T23:00:00Z", "2027-01-01T01:00:00.000Z"},
      {R"({"minute":"30"})", "2026-05-04T10:29:59.001Z", "2026-05-04T10:30:00.000Z"},
      {R"({"second":"0/30"})", "2026-05-04T10:00:00.000Z", "2026-05-04T10:00:30.000Z"},
      {R"({"second":"0,15,[30-31]"})", "2026-05-04T10:00:30Z", "2026-05-04T10:00:31.000Z"},
      {R"({"second":"0,15,[30-31]"})", "2026-05-04T10:00:31Z", "2026-05-04T10:01:00.000Z"},
      {R"({"second":"59"})", "2026-05-04T23:59:59Z", "2026-05-05T00:00:59.000Z"},
      {R"({"second":"10","hour":"3"})", "2026-05-04T03:59:10Z", "2026-05-05T03:00:10.000Z"},
      {R"({"minute":"[58-59]"})", "2026-05-04T10:59:00Z", "2026-05-04T11:58:00.000Z"},
      // 2026-05-04 is a Monday, 1.
      {R"({"dayOfWeek":"1"})", "2026-05-04T00:00:00Z", "2026-05-11T00:00:00.000Z"},
      {R"({"dayOfWeek":"7","hour":"12"})", "2026-05-04T00:00:00Z", "2026-05-10T12:00:00.000Z"},
      {R"({"dayOfWeek":"[1-5]","hour":"8"})", "2026-05-08T08:00:00Z", "2026-05-11T08:00:00.000Z"},
      {R"({"dayOfMonth":"31"})", "2026-04-01T00:00:00Z", "2026-05-31T00:00:00.000Z"},
      {R"({"dayOfMonth":"1","month":"1"})", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"},
      {R"({"month":"3"})", "2026-05-04T00:00:00Z", "2027-03-01T00:00:00.000Z"},
      {R"({"month":"3","hour":"6"})", "2026-03-01T06:00:00Z", "2026-03-02T06:00:00.000Z"},
      {R"({"month":"2","dayOfMonth":"29"})", "2026-05-04T00:00:00Z", "2028-02-29T00:00:00.000Z"},
      // Both days have to match, unlike in cron.
      {R"({"dayOfMonth":"13","dayOfWeek":"5"})", "2026-05-04T00:00:00Z",
       "2026-11-13T00:00:00.000Z"},
      {R"({"month":"2","dayOfMonth":"29","dayOfWeek":"1"})", "2072-03-01T00:00:00Z",
       "2112-02-29T00:00:00.000Z"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(next_of(c.schedule, c.after), c.next) << c.schedule << " after " << c.after;
}

TEST(Schedule, WhatIsNoScheduleIsRefusedWithItsPart) {
  const char* cases[] = {"{}",
                         "[]",
                         "null",
                         "\"5\"",
                         "5",
                         R"({"secound":"5"})",
                         R"({"second":"60"})",
                         R"({"second":"-1"})",
                         R"({"second":-1})",
                         R"({"second":1.5})",
                         R"({"second":true})",
                         R"({"second":[5]})",
                         R"({"second":""})",
                         R"({"second":"5,"})",
                         R"({"second":",5"})",
                         R"({"second":"5-7"})",
                         R"({"second":"[5-7"})",
                         R"({"second":"[7-5]"})",
                         R"({"second":"[5-60]"})",
                         R"({"second":"*"})",
                         R"({"second":"5 ,7"})",
                         R"({"second":"0/0"})",
                         R"({"second":"99999999999999999999"})",
                         R"({"hour":"24"})",
                         R"({"dayOfMonth":"0"})",
                         R"({"dayOfMonth":"32"})",
                         R"({"month":"0"})",
                         R"({"month":"13"})",
                         R"({"dayOfWeek":"0"})",
                         R"({"dayOfWeek":"8"})",
                         R"({"second":null})"};
  for (const char* c : cases) {
    const auto s = Schedule::read(json_of(c));
    ASSERT_FALSE(s) << c;
    EXPECT_EQ(s.code(), Errc::kUsage) << c;
  }
}

TEST(Schedule, DaysThatNeverComeAreRefused) {
  EXPECT_FALSE(Schedule::read(json_of(R"({"month":"2","dayOfMonth":"30"})")));
  EXPECT_FALSE(Schedule::read(json_of(R"({"month":"[4-4],6","dayOfMonth":"31"})")));
}

TEST(Schedule, AnEndlessListIsRefused) {
  std::string list = "5";
  for (int i = 0; i < 1000; ++i) list += ",5";
  EXPECT_FALSE(Schedule::read(Json{{"second", list}}));
}

TEST(Schedule, EverySecondOfADayIsFoundOnce) {
  const auto s = Schedule::read(json_of(R"({"second":"[0-59]"})"));
  ASSERT_TRUE(s);
  Time t = *from_iso("2026-05-04T23:59:00Z");
  for (int i = 1; i <= 120; ++i) {
    const auto next = s->next(t);
    ASSERT_TRUE(next);
    EXPECT_EQ(*next - t, Millis{1000});
    t = *next;
  }
}

}  // namespace
}  // namespace lotmark::node
