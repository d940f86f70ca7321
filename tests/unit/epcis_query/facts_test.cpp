#include "core/epcis/query/facts.h"

#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

Errc unreadable(const Json& event) { return facts_of(event, document_context(), 0).code(); }

TEST(Facts, WhatIsNoEventIsRefused) {
  for (const auto* text : {"null", "[]", "7", "\"x\"", "{}", R"({"type": "ObjectEvent"})",
                           R"({"eventTime": "2026-03-04T11:00:30Z"})"})
    EXPECT_EQ(unreadable(Json::parse(text)), Errc::kUsage) << text;
}

TEST(Facts, APropertyOfAnotherTypeIsNamed) {
  for (const auto* properties :
       {R"({"type": 1})",
        R"({"eventTime": 5})",
        R"({"eventTime": "yesterday"})",
        R"({"action": {}})",
        R"({"bizStep": [1]})",
        R"({"readPoint": "urn:x:1"})",
        R"({"readPoint": {"id": {}}})",
        R"({"epcList": {}})",
        R"({"epcList": [1]})",
        R"({"epcList": [["urn:x:1"]]})",
        R"({"parentID": 5})",
        R"({"quantityList": {}})",
        R"({"quantityList": ["x"]})",
        R"({"quantityList": [{}]})",
        R"({"quantityList": [{"epcClass": "urn:x:1", "quantity": "3"}]})",
        R"({"quantityList": [{"epcClass": "urn:x:1", "quantity": 3, "uom": 1}]})",
        R"({"bizTransactionList": "x"})",
        R"({"bizTransactionList": [{"type": "po"}]})",
        R"({"sourceList": [{"source": "urn:x:1", "type": 1}]})",
        R"({"destinationList": [7]})",
        R"({"persistentDisposition": []})",
        R"({"errorDeclaration": "x"})",
        R"({"errorDeclaration": {"declarationTime": "x"}})",
        R"({"ilmd": []})",
        R"({"sensorElementList": {}})",
        R"({"sensorElementList": [1]})",
        R"({"sensorElementList": [{"sensorMetadata": []}]})",
        R"({"sensorElementList": [{"sensorReport": {}}]})",
        R"({"sensorElementList": [{"sensorReport": [1]}]})",
        R"({"sensorElementList": [{"sensorReport": [{"value": "5"}]}]})",
        R"({"sensorElementList": [{"sensorReport": [{"booleanValue": "true"}]}]})",
        R"({"sensorElementList": [{"sensorReport": [{"uom": 1}]}]})",
        R"({"@context": 7})",
        R"({"@context": "https://else.example/"})"}) {
    const auto facts = facts_of(event_with(properties), document_context(), 0);
    EXPECT_EQ(facts.code(), Errc::kUsage) << properties;
    EXPECT_FALSE(facts ? true : facts.error().text.empty()) << properties;
  }
}

TEST(Facts, NullIsAsAbsent) {
  const auto facts = facts_from(event_with(R"({"bizStep": null, "epcList": null, "readPoint": null,
      "sensorElementList": null, "errorDeclaration": null})"));
  EXPECT_TRUE(facts.of(TextFact::kBizStep).empty());
  EXPECT_FALSE(facts.has_sensor_elements);
  EXPECT_FALSE(facts.has_error_declaration);
}

// {"farm:f": [{"farm:f": [ ... "x" ... ]}]}
Json nested(std::size_t levels) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += "{\"farm:f\":[";
  text += "\"x\"";
  for (std::size_t i = 0; i < levels; ++i) text += "]}";
  return Json::parse(text);
}

TEST(Facts, DeepFieldsAreRefusedAndNotFollowed) {
  Json event = event_with("{}");
  for (const auto* place : {"farm:f", "ilmd", "readPoint", "errorDeclaration"}) {
    event[place] = nested(15);
    EXPECT_TRUE(facts_of(event, document_context(), 0)) << place;
    for (const std::size_t levels : {17u, 10'000u}) {
      event[place] = nested(levels);
      EXPECT_EQ(unreadable(event), Errc::kTooLarge) << place << levels;
    }
    event.erase(place);
  }
}

TEST(Facts, DeepListsAreRefusedAndNotFollowed) {
  Json event = event_with("{}");
  event["farm:f"] = Json::parse(std::string(20'000, '[') + std::string(20'000, ']'));
  EXPECT_EQ(unreadable(event), Errc::kTooLarge);
}

TEST(Facts, DeepJsonInAStandardPropertyIsNoText) {
  Json event = event_with("{}");
  event["bizStep"] = nested(10'000);
  EXPECT_EQ(unreadable(event), Errc::kUsage);
}

TEST(Facts, AnEventSaysSoMuchAndNoMore) {
  Json event = event_with("{}");
  event["epcList"] = Json(std::vector<std::string>(kFactsMax - 3, "urn:x:1"));
  EXPECT_EQ(facts_from(event).of(IdentityList::kEpcs).size(), kFactsMax - 3);
  event["epcList"].push_back("urn:x:1");
  EXPECT_EQ(unreadable(event), Errc::kTooLarge);
}

TEST(Facts, PropertiesOfJsonLdAreNoFields) {
  const auto facts =
      facts_from(event_with(R"({"@context": {"f": "https://f.example/"}, "@id": "urn:x:1",
      "farm:a": {"@type": "xsd:string", "@value": "x"}})"));
  ASSERT_EQ(facts.fields.size(), 1u);
  EXPECT_EQ(facts.fields[0].values.at(0).text, "x");
}

TEST(FieldValue, NumbersAreDecimalAndFinite) {
  EXPECT_EQ(number_in("-12.5"), -12.5);
  EXPECT_EQ(number_in("3e4"), 3e4);
  for (const auto* text :
       {"", "-", "+1", ".5", "inf", "-inf", "nan", "1e999", "0x1", "1 ", " 1", "1,5"})
    EXPECT_FALSE(number_in(text)) << text;
  EXPECT_FALSE(number_in(std::string(65, '1')));
}

TEST(FieldValue, ANumberHasItsShortestText) {
  EXPECT_EQ(FieldValue::of(0.1).text, "0.1");
  EXPECT_EQ(FieldValue::of(26.0).text, "26");
  EXPECT_FALSE(FieldValue::of(Json()));
  EXPECT_FALSE(FieldValue::of(Json::array()));
}

}  // namespace
}  // namespace lotmark::epcis
