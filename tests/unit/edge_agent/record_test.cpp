// What a record of a file, or a line, says: decimals, CSV and SenML.
#include "edge-agent/source/csv.h"
#include "edge-agent/source/decimal.h"
#include "edge-agent/source/senml.h"
#include "tests/unit/edge_agent/fixture.h"
#include "tests/unit/edge_agent/heard.h"

namespace lotmark::agent {
namespace {

TEST(Decimal, IsExactOrRefused) {
  std::int64_t v = 0;
  EXPECT_TRUE(read_decimal("2.31", -2, false, v));
  EXPECT_EQ(v, 231);
  EXPECT_FALSE(read_decimal("2.315", -2, false, v));
  EXPECT_FALSE(read_decimal("x", -2, true, v));
  EXPECT_FALSE(read_decimal("", -2, true, v));
  EXPECT_FALSE(read_decimal("1e999", -2, true, v));
}

TEST(Decimal, RoundsHalfAwayFromZeroWhenAsked) {
  struct Case {
    const char* text;
    std::int64_t exp;
    std::int64_t expected;
  };
  for (const auto& c : std::initializer_list<Case>{{"2.315", -2, 232},
                                                   {"-2.315", -2, -232},
                                                   {"2.3149", -2, 231},
                                                   {"9.995", -2, 1000},
                                                   {"0.004", -2, 0},
                                                   {"0.005", -2, 1},
                                                   {"1449", 2, 14},
                                                   {"1450", 2, 15},
                                                   {"1e-30", -2, 0},
                                                   {"2.5e1", 1, 3},
                                                   {"0.30000000000000004", -3, 300}}) {
    std::int64_t v = -1;
    EXPECT_TRUE(read_decimal(c.text, c.exp, true, v)) << c.text;
    EXPECT_EQ(v, c.expected) << c.text;
  }
}

CsvOptions beijing() {
  CsvOptions o;
  o.time.format = TimeFormat::kColumns;
  o.time.year = "year";
  o.time.month = "month";
  o.time.day = "day";
  o.time.hour = "hour";
  o.columns = {
      {"pm2.5", "pm25", "ug/m3", 0}, {"TEMP", "temp", "Cel", 0}, {"Iws", "wind", "m/s", -2}};
  return o;
}

TEST(Csv, ReadsThePublicHourlyFile) {
  auto r = CsvReader::from("No,year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir", beijing());
  ASSERT_TRUE(r);
  auto row = r->read("25,2010,1,2,0,129,-16,-4,1020,SE,1.79,0,0\r");
  ASSERT_TRUE(row);
  ASSERT_EQ(row->size(), 3u);
  EXPECT_EQ((*row)[0].t, to_ms(*from_iso("2010-01-02")));
  EXPECT_EQ(std::get<std::int64_t>((*row)[0].value), 129);
  EXPECT_EQ(std::get<std::int64_t>((*row)[2].value), 179);
  row = r->read("1,2010,1,1,0,NA,-21,-11,1021,NW,1.795,0,0");
  ASSERT_TRUE(row);
  EXPECT_EQ(std::get<GapReason>((*row)[0].value), GapReason::kNotANumber);
  EXPECT_EQ(std::get<GapReason>((*row)[2].value), GapReason::kNotANumber);  // a digit too many
}

TEST(Csv, RefusesRowsWithoutATime) {
  auto r = CsvReader::from("No,year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir", beijing());
  ASSERT_TRUE(r);
  EXPECT_FALSE(r->read("1,2010,2,30,0,1,1,1,1,NW,1,0,0"));
  EXPECT_FALSE(r->read("1,2010,2,3,24,1,1,1,1,NW,1,0,0"));
  EXPECT_FALSE(r->read("1,2010,2,x,2,1,1,1,1,NW,1,0,0"));
  EXPECT_FALSE(r->read("1,2010"));
}

TEST(Csv, NamesAllColumnsItDoesNotFind) {
  auto r = CsvReader::from("a,b", beijing());
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().text.find("pm2.5"), std::string::npos);
  EXPECT_NE(r.error().text.find("hour"), std::string::npos);
}

TEST(Csv, SplitsQuotes) {
  EXPECT_EQ(*split_csv("a,\"b,\"\"c\"\"\",,d\r\n"),
            (std::vector<std::string>{"a", "b,\"c\"", "", "d"}));
  EXPECT_FALSE(split_csv("\"a,b"));
}

TEST(Csv, FieldsAreBounded) {
  EXPECT_EQ(split_csv(std::string(4095, ','))->size(), 4096u);
  EXPECT_FALSE(split_csv(std::string(4096, ',')));
}

TEST(Csv, OtherTimeFormats) {
  for (const auto& [format, text] : {std::pair{TimeFormat::kIso, "2026-01-05T08:00:00Z"},
                                     {TimeFormat::kUnix, "1767600000.0"},
                                     {TimeFormat::kUnixMs, "1767600000000"}}) {
    CsvOptions o;
    o.time.format = format;
    o.time.column = "when";
    o.columns = {{"v", "v", "Cel", 0}};
    auto r = CsvReader::from("\xef\xbb\xbfwhen,v", o);
    ASSERT_TRUE(r);
    auto row = r->read(std::string(text) + ",7");
    ASSERT_TRUE(row) << text;
    EXPECT_EQ(row->at(0).t, 1767600000000) << text;
  }
}

TEST(Senml, AddsBaseFieldsExactly) {
  auto r = read_senml(
      R"([{"bn":"urn:dev:","bt":1.7676e9,"bu":"Cel","bv":2,"n":"a","v":0.31},{"n":"b","t":1.5,"u":"%RH","v":-1.25},)"
      R"({"n":"c","vs":"tag"},{"n":"d","vb":true}])",
      SenmlOptions{{}, -2, false}, std::nullopt);
  ASSERT_TRUE(r);
  ASSERT_EQ(r->size(), 3u);
  EXPECT_EQ((*r)[0].channel, "urn:dev:a");
  EXPECT_EQ((*r)[0].unit, "Cel");
  EXPECT_EQ((*r)[0].t, 1767600000000);
  EXPECT_EQ(std::get<std::int64_t>((*r)[0].value), 231);
  EXPECT_EQ((*r)[1].t, 1767600001500);
  EXPECT_EQ(std::get<std::int64_t>((*r)[1].value), 75);
  EXPECT_EQ((*r)[1].unit, "%RH");
  EXPECT_EQ(std::get<std::string>((*r)[2].value), "tag");
}

TEST(Senml, RelativeTimesNeedAClock) {
  const char* line = R"({"n":"a","t":-2,"v":1})";
  EXPECT_FALSE(read_senml(line, {}, std::nullopt));
  auto r = read_senml(line, {}, from_ms(1767600000000));
  ASSERT_TRUE(r);
  EXPECT_EQ(r->at(0).t, 1767599998000);
}

TEST(Senml, ColumnsChooseAndName) {
  auto r = read_senml(R"([{"n":"a","t":1767600000,"v":1},{"n":"b","t":1767600000,"v":2.55}])",
                      SenmlOptions{{{"b", "cold", "Cel", -1}}, 0, true}, std::nullopt);
  ASSERT_TRUE(r);
  ASSERT_EQ(r->size(), 1u);
  EXPECT_EQ(r->at(0).channel, "cold");
  EXPECT_EQ(std::get<std::int64_t>(r->at(0).value), 26);
}

// `"v":[5]` was taken as 5, and the others were not there at all.
TEST(Senml, AValueOfAnotherKindIsADeclaredGap) {
  for (const char* v : {"\"v\":[5]", "\"v\":[[5]]", "\"v\":{\"v\":5}", "\"v\":null", "\"v\":true",
                        "\"v\":\"NaN\"", "\"vs\":7", "\"vs\":[\"x\"]", "\"bv\":\"1\",\"v\":2"}) {
    const auto r =
        read_senml(std::string(R"([{"n":"a","t":1767600000,)") + v + "}]", {}, std::nullopt);
    ASSERT_TRUE(r) << v;
    ASSERT_EQ(r->size(), 1u) << v;
    EXPECT_EQ(std::get<GapReason>(r->at(0).value), GapReason::kNotANumber) << v;
  }
}

TEST(Senml, ANameUnitOrTimeOfAnotherKindIsNoRecord) {
  const Time now = from_ms(1767600000000);
  for (const char* field : {"\"n\":5", "\"bn\":null", "\"u\":[\"Cel\"]", "\"bu\":true",
                            "\"t\":\"1\"", "\"t\":[1]", "\"bt\":null"}) {
    EXPECT_FALSE(read_senml(std::string("{\"v\":1,") + field + "}", {}, now)) << field;
  }
}

TEST(Senml, RefusesWhatIsNone) {
  for (const char* bad :
       {R"({"n":"a","t":1767600000,"v":1e400})", R"({"n":"a","t":1767600000,"v":NaN})", "[{},[]]",
        "", "7", "[1]", "[[{}]]", "{\"n\":", "{\"x_\":1,\"t\":1767600000,\"v\":1}", "null",
        "[{\"n\":\"a\",\"v\":1}] x"}) {
    EXPECT_FALSE(read_senml(bad, {}, std::nullopt)) << bad;
  }
  EXPECT_TRUE(
      read_senml(R"({"n":"a","t":1767600000,"v":1,"ext":{"v":[1,{"t":"x"}]}})", {}, std::nullopt));
}

}  // namespace
}  // namespace lotmark::agent
