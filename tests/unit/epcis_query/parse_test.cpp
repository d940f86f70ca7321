// What parse_query() reads and refuses.
#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

std::string why(const Asked& asked) {
  const auto query = parse_query(asked);
  return query ? std::string() : query.error().text;
}

TEST(Parse, OrderAndLimits) {
  const auto query = must(parse_query(
      Asked{{"orderBy", "recordTime"}, {"orderDirection", "ASC"}, {"eventCountLimit", "3"}}));
  EXPECT_EQ(query.order_by, OrderBy::kRecordTime);
  EXPECT_FALSE(query.descending);
  EXPECT_EQ(query.event_count_limit, 3u);
  const auto most = must(parse_query(Asked{{"maxEventCount", "100"}}));
  EXPECT_EQ(most.max_event_count, 100u);
  EXPECT_FALSE(most.order_by);
  EXPECT_TRUE(most.descending) << "DESC unless said otherwise";
}

TEST(Parse, LimitsThatDoNotGoTogether) {
  EXPECT_EQ(refused({{"orderBy", "eventTime"}, {"eventCountLimit", "3"}, {"maxEventCount", "3"}}),
            Errc::kUsage);
  EXPECT_EQ(refused({{"eventCountLimit", "3"}}), Errc::kUsage);
  EXPECT_TRUE(parse_query(Asked{{"orderDirection", "DESC"}})) << "means nothing and hurts nothing";
}

TEST(Parse, WhatIsNotOrderedByIsRefused) {
  for (const auto* field : {"quantity", "farm:moisture", "", "eventtime"})
    EXPECT_EQ(refused({{"orderBy", field}}), Errc::kUsage) << field;
  EXPECT_EQ(refused({{"orderDirection", "desc"}}), Errc::kUsage);
}

TEST(Parse, PagesAreSomebodyElses) {
  EXPECT_TRUE(parse_query(Asked{{"perPage", "x"}, {"nextPageToken", ""}}));
}

TEST(Parse, AnUnknownParameterIsNamed) {
  EXPECT_NE(why({{"EQ_bizstep", "shipping"}}).find("EQ_bizstep"), std::string::npos);
  for (const auto* name : {"",
                           "x",
                           "EQ_",
                           "EQ_x",
                           "GE_",
                           "GE_action",
                           "EQ_eventTime",
                           "GT_eventTime",
                           "GE_value",
                           "GE_value_",
                           "GE_value_cel",
                           "GE_value_CELSIUS",
                           "GE_percRank_CEL",
                           "EQ_quantity_",
                           "MATCH_",
                           "MATCH_epcs",
                           "EQ_bizTransaction_",
                           "EQ_source_",
                           "GE_source_x",
                           "EXISTS_",
                           "EXISTS_x",
                           "HASATTR_",
                           "EQATTR_x",
                           "EQATTR_x_",
                           "GT_readPoint_farm:gate",
                           "EXISTS_bizLocation_farm:x",
                           "EQ_INNER_",
                           "EQ_ILMD_lotNumber",
                           "EQ_:x",
                           "EQ_x:",
                           "EQ_ILMD_:",
                           "second",
                           "stream"})
    EXPECT_EQ(refused({{name, "1"}}), Errc::kUsage) << name;
}

TEST(Parse, ABadValueIsRefusedWithItsParameter) {
  EXPECT_NE(why({{"EQ_action", "ADD|add"}}).find("EQ_action"), std::string::npos);
  const Asked bad = {{"eventType", "QuantityEvent"},
                     {"EQ_action", ""},
                     {"EQ_bizStep", "two words"},
                     {"EQ_disposition", ""},
                     {"EQ_readPoint", "somewhere"},
                     {"EQ_eventID", "1"},
                     {"GE_eventTime", "2026-03-04"},
                     {"GE_eventTime", "2026-03-04T10:00:30Z|2026-03-04T10:00:30Z"},
                     {"LT_recordTime", ""},
                     {"LT_recordTime", "2026-02-30T10:00:30Z"},
                     {"MATCH_epc", "0614141"},
                     {"MATCH_epc", ""},
                     {"MATCH_epc", "urn:x:1|"},
                     {"MATCH_epc", "urn:epc:idpat:sgtin:1.*.*"},
                     {"EQ_quantity", "x"},
                     {"EQ_quantity", ""},
                     {"GE_quantity", "1|2"},
                     {"GE_quantity", "nan"},
                     {"GE_quantity", "inf"},
                     {"GE_quantity", "0x10"},
                     {"GE_quantity", "1e999"},
                     {"GE_value_CEL", "5C"},
                     {"GE_value_CEL", " 5"},
                     {"EQ_booleanValue", "1"},
                     {"EQ_hexBinaryValue", "f0f"},
                     {"EQ_hexBinaryValue", "zz"},
                     {"EXISTS_errorDeclaration", "yes"},
                     {"EXISTS_farm:x", "2"},
                     {"GE_farm:x", "soon"},
                     {"GE_farm:x", "1|2"},
                     {"eventCountLimit", "0"},
                     {"maxEventCount", "-1"},
                     {"maxEventCount", "1.5"},
                     {"maxEventCount", "1e10"},
                     {"EQ_source_location", ""},
                     {"EQ_type", "Temp erature"},
                     {"EQ_deviceID", "77"},
                     {"EQ_transformationID", ""}};
  for (const auto& [name, value] : bad)
    EXPECT_EQ(refused({{name, value}}), Errc::kUsage) << name << "=" << value;
}

TEST(Parse, AParameterGivenTwiceIsRefused) {
  EXPECT_EQ(refused({{"EQ_action", "ADD"}, {"EQ_action", "OBSERVE"}}), Errc::kUsage);
}

TEST(Parse, LimitsHold) {
  std::string values = "urn:x:1";
  for (std::size_t i = 1; i < kQueryValuesMax; ++i) values += "|urn:x:1";
  EXPECT_TRUE(parse_query(Asked{{"MATCH_epc", values}}));
  EXPECT_EQ(refused({{"MATCH_epc", values + "|urn:x:1"}}), Errc::kTooLarge);
  EXPECT_EQ(refused({{"MATCH_epc", std::string(1'000'000, '|')}}), Errc::kTooLarge);
  EXPECT_TRUE(parse_query(Asked{{"EQ_stringValue", std::string(kQueryTextMax, 'x')}}));
  EXPECT_EQ(refused({{"EQ_stringValue", std::string(kQueryTextMax + 1, 'x')}}), Errc::kTooLarge);
  EXPECT_EQ(refused({{"EQ_x:" + std::string(kQueryTextMax, 'x'), "1"}}), Errc::kTooLarge);
  Asked many;
  for (std::size_t i = 0; i < kQueryParametersMax; ++i)
    many.emplace_back("EQ_farm:f" + std::to_string(i), "1");
  EXPECT_TRUE(parse_query(many));
  many.emplace_back("EQ_action", "ADD");
  EXPECT_EQ(refused(many), Errc::kTooLarge);
}

TEST(Parse, WhatIsNoUtf8IsRefused) {
  EXPECT_EQ(refused({{"EQ_stringValue", "\xff"}}), Errc::kUsage);
  EXPECT_EQ(refused({{"EQ_farm:\xc0\xaf", "1"}}), Errc::kUsage);
  EXPECT_TRUE(parse_query(Asked{{"EQ_stringValue", "温度"}}));
  EXPECT_TRUE(parse_query(Asked{{"EQ_stringValue", std::string("a\0b", 3)}}));
  EXPECT_EQ(refused({{"EQ_readPoint", std::string("urn:x:\0b", 8)}}), Errc::kUsage);
}

TEST(ParseNamed, ValuesOfTheirJsonTypes) {
  EXPECT_TRUE(parse_query(
      Json::parse(R"({"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
      "eventType": ["ObjectEvent"], "GE_eventTime": "2026-01-01T00:00:00Z", "EQ_quantity": [1, 2.5],
      "GE_value_CEL": 8, "EQ_booleanValue": true, "EXISTS_errorDeclaration": null,
      "EXISTS_sensorElementList": 1, "EXISTS_farm:x": true, "EQ_farm:y": 5, "EQ_farm:z": ["a", "b"],
      "EQ_farm:v": "2026-01-01T00:00:00Z", "orderBy": "eventTime", "eventCountLimit": 10,
      "HASATTR_bizLocation": ["x"]})")));
}

TEST(ParseNamed, WrongTypesAreRefused) {
  for (const auto* query : {"[]",
                            "null",
                            "\"x\"",
                            "7",
                            R"({"EQ_action": []})",
                            R"({"EQ_action": [1]})",
                            R"({"EQ_action": {"a": 1}})",
                            R"({"EQ_action": [["ADD"]]})",
                            R"({"EQ_action": null})",
                            R"({"GE_eventTime": 5})",
                            R"({"GE_eventTime": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]})",
                            R"({"GE_value_CEL": "8"})",
                            R"({"GE_value_CEL": true})",
                            R"({"EQ_quantity": ["1"]})",
                            R"({"EXISTS_errorDeclaration": 2})",
                            R"({"EXISTS_errorDeclaration": [true, true]})",
                            R"({"eventCountLimit": "3", "orderBy": "eventTime"})",
                            R"({"orderBy": 1})",
                            R"({"maxEventCount": 2.5})",
                            R"({"GE_farm:x": "5"})",
                            R"({"GE_farm:x": null})",
                            R"({"EQ_farm:x": [null]})",
                            R"({"MATCH_epc": [true]})",
                            R"({"@context": 7})",
                            R"({"@context": ["https://else.example/context.jsonld"]})",
                            R"({"perpage": 1})"})
    EXPECT_EQ(named_refused(query), Errc::kUsage) << query;
}

TEST(ParseNamed, LimitsHold) {
  Json query;
  query["MATCH_epc"] = Json(std::vector<std::string>(kQueryValuesMax, "urn:x:1"));
  EXPECT_TRUE(parse_query(query));
  query["MATCH_epc"].push_back("urn:x:2");
  EXPECT_EQ(parse_query(query).code(), Errc::kTooLarge);
  Json many = {{"@context", Json::object()}};
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) many["EQ_farm:f" + std::to_string(i)] = 1;
  EXPECT_TRUE(parse_query(many));
  many["EQ_farm:more"] = 1;
  EXPECT_EQ(parse_query(many).code(), Errc::kTooLarge);
  many.erase("@context");
  EXPECT_EQ(parse_query(many).code(), Errc::kTooLarge);
}

TEST(ParseNamed, ABarSeparatesNothing) {
  const auto query = must(parse_query(Json::parse(R"({"EQ_stringValue": ["a|b"]})")));
  EXPECT_TRUE(query.texts.at(0).values.contains("a|b"));
}

TEST(ParseNamed, ForeignWordsAreExpandedByTheContext) {
  const Json event = event_with(R"({"bizStep": "farm:drying"})");
  EXPECT_TRUE(named_finds(R"({"@context": {"f": "https://ns.farm.example/epcis/"},
                              "EQ_bizStep": ["f:drying"]})",
                          event));
  EXPECT_TRUE(named_finds(R"({"EQ_bizStep": ["farm:drying"]})", event));
  EXPECT_FALSE(named_finds(R"({"@context": {"farm": "https://else.example/"},
                               "EQ_bizStep": ["farm:drying"]})",
                           event));
}

}  // namespace
}  // namespace lotmark::epcis
