// Found by tests/fuzz/source.cpp: a CSV record with its time in columns and the day 32024 was taken as a day of the
// month. std::chrono keeps a month and a day in a byte and a year in 16 bits, so 257 became January, 32024 the 24th,
// and the year 67562 became 2026: a damaged line turned into a signed reading at a time that never stood there.
#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "edge-agent/source/csv.h"

namespace lotmark::agent {
namespace {

Result<std::vector<Reading>> read(std::string_view line) {
  CsvOptions options;
  options.time.format = TimeFormat::kColumns;
  options.time.year = "y";
  options.time.month = "m";
  options.time.day = "d";
  options.columns = {{"v", "t", "Cel", -2}};
  auto reader = CsvReader::from("y,m,d,v", options);
  if (!reader) return reader.error();
  return reader->read(line);
}

TEST(CsvTimeWrap, ACalendarDayIsTaken) {
  const auto r = read("2026,1,24,4.12");
  ASSERT_TRUE(r);
  EXPECT_EQ(to_iso(from_ms(r->front().t)), "2026-01-24T00:00:00.000Z");
}

TEST(CsvTimeWrap, NumbersThatWouldWrapAreNoTime) {
  for (const char* line :
       {"2026,1,32024,4.12", "2026,257,24,4.12", "67562,1,24,4.12", "2026,1,-232,4.12",
        "2026,0,24,4.12", "10000,1,24,4.12", "-1,1,24,4.12"}) {
    EXPECT_EQ(read(line).code(), Errc::kFieldRange) << line;
  }
}

}  // namespace
}  // namespace lotmark::agent
