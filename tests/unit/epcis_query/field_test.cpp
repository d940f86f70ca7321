// Extension fields, wherever an event has them.
#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

const Json kHerbs = event_with(R"({
    "farm:field": "north", "farm:rows": "10", "farm:moisture": 11.5, "farm:organic": true,
    "farm:cut": "2026-03-01T06:00:00Z", "farm:tags": ["a", "b", {"farm:deep": {"lab:deeper": "x"}}],
    "farm:visit": {"lab:inspector": "Li", "count": {"lab:samples": 3}},
    "farm:lot": "007", "farm:typed": {"@type": "xsd:decimal", "@value": 3},
    "ilmd": {"cbvmda:lotNumber": "H-26", "farm:grade": {"lab:mark": 2}},
    "errorDeclaration": {"declarationTime": "2026-04-01T00:00:00Z", "farm:by": "QA",
                         "farm:why": {"lab:form": "F7"}},
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.0", "farm:gate": "2",
                  "farm:inside": {"farm:door": "left"}},
    "bizLocation": {"id": "urn:epc:id:sgln:0614141.07346.0", "farm:hall": "B",
                    "farm:inside": {"farm:shelf": "4"}},
    "sensorElementList": [{"farm:zone": "roof", "farm:box": {"lab:slot": 1},
        "sensorMetadata": {"lab:certified": "2026-01-01T00:00:00Z", "lab:by": {"lab:who": "Wu"}},
        "sensorReport": [{"type": "Temperature", "value": 5, "uom": "CEL", "lab:quality": 0.9,
                          "lab:extra": {"lab:flag": "ok"}}]}]})");

void expect_only(const std::string& name, const std::string& right, const std::string& wrong) {
  EXPECT_TRUE(finds({{name, right}}, kHerbs)) << name << "=" << right;
  EXPECT_FALSE(finds({{name, wrong}}, kHerbs)) << name << "=" << wrong;
  EXPECT_FALSE(finds({{name, right}}, event_with("{}"))) << name;
}

TEST(Field, EqualityAtTheTop) {
  expect_only("EQ_farm:field", "south|north", "North");
  expect_only("EQ_farm:rows", "10", "10.0");
  expect_only("EQ_farm:moisture", "11.50", "11.6");
  expect_only("EQ_farm:organic", "true", "false");
  expect_only("EQ_farm:cut", "2026-03-01T07:00:00+01:00", "2026-03-01T07:00:00Z");
  expect_only("EQ_farm:tags", "b", "c");
  expect_only("EQ_farm:typed", "3", "4");
}

TEST(Field, TextsOfDigitsAreNotNumbers) {
  expect_only("EQ_farm:lot", "007", "7");
  EXPECT_FALSE(named_finds(R"({"EQ_farm:lot": ["7"]})", kHerbs));
  EXPECT_TRUE(named_finds(R"({"EQ_farm:lot": 7})", kHerbs)) << "the query says it is a number";
}

TEST(Field, OrderOfNumbersAndTimes) {
  expect_only("GT_farm:moisture", "11", "11.5");
  expect_only("GE_farm:moisture", "11.5", "12");
  expect_only("LT_farm:rows", "11", "10");
  expect_only("LE_farm:rows", "10", "9");
  expect_only("GE_farm:cut", "2026-03-01T06:00:00Z", "2026-03-01T06:00:00.001Z");
  expect_only("LT_farm:cut", "2026-03-02T06:00:00Z", "2026-03-01T06:00:00Z");
  EXPECT_FALSE(finds({{"GE_farm:field", "0"}}, kHerbs)) << "north is no number";
  EXPECT_FALSE(finds({{"GE_farm:rows", "2026-03-01T06:00:00Z"}}, kHerbs)) << "10 is no time";
}

TEST(Field, InnerFieldsAtAnyDepthAndNotAtTheTop) {
  expect_only("EQ_INNER_lab:inspector", "Li", "Wu");
  expect_only("EQ_INNER_lab:deeper", "x", "y");
  expect_only("EQ_INNER_lab:samples", "3", "4");
  expect_only("GE_INNER_lab:samples", "3", "4");
  EXPECT_FALSE(finds({{"EQ_INNER_farm:field", "north"}}, kHerbs));
  EXPECT_FALSE(finds({{"EQ_lab:inspector", "Li"}}, kHerbs));
  EXPECT_FALSE(finds({{"EQ_INNER_lab:mark", "2"}}, kHerbs)) << "that is of the ilmd";
}

TEST(Field, MasterDataOfTheInstanceOrLot) {
  expect_only("EQ_ILMD_cbvmda:lotNumber", "H-26", "H-27");
  expect_only("EQ_INNER_ILMD_lab:mark", "2", "3");
  expect_only("LT_INNER_ILMD_lab:mark", "3", "2");
  EXPECT_FALSE(finds({{"EQ_cbvmda:lotNumber", "H-26"}}, kHerbs));
  EXPECT_TRUE(finds({{"EQ_ILMD_urn:epcglobal:cbv:mda:lotNumber", "H-26"}}, kHerbs));
}

TEST(Field, OtherAreas) {
  expect_only("EQ_ERROR_DECLARATION_farm:by", "QA", "QB");
  expect_only("EQ_INNER_ERROR_DECLARATION_lab:form", "F7", "F8");
  expect_only("EQ_SENSORELEMENT_farm:zone", "roof", "floor");
  expect_only("EQ_INNER_SENSORELEMENT_lab:slot", "1", "2");
  expect_only("GE_SENSORMETADATA_lab:certified", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
  expect_only("EQ_INNER_SENSORMETADATA_lab:who", "Wu", "Li");
  expect_only("GT_SENSORREPORT_lab:quality", "0.5", "0.9");
  expect_only("EQ_INNER_SENSORREPORT_lab:flag", "ok", "no");
  expect_only("EQ_readPoint_farm:gate", "2", "3");
  expect_only("EQ_INNER_readPoint_farm:door", "left", "right");
  expect_only("EQ_bizLocation_farm:hall", "B", "A");
  expect_only("EQ_INNER_bizLocation_farm:shelf", "4", "5");
}

TEST(Field, AnAreaIsNotAnother) {
  EXPECT_FALSE(finds({{"EQ_SENSORELEMENT_lab:quality", "0.9"}}, kHerbs));
  EXPECT_FALSE(finds({{"EQ_SENSORREPORT_farm:zone", "roof"}}, kHerbs));
  EXPECT_FALSE(finds({{"EQ_readPoint_farm:hall", "B"}}, kHerbs));
  EXPECT_FALSE(finds({{"EQ_farm:by", "QA"}}, kHerbs));
}

TEST(Field, Existence) {
  for (const auto* name :
       {"EXISTS_farm:field", "EXISTS_farm:visit", "EXISTS_INNER_lab:deeper",
        "EXISTS_ILMD_farm:grade", "EXISTS_INNER_ILMD_lab:mark", "EXISTS_ERROR_DECLARATION_farm:by",
        "EXISTS_INNER_ERROR_DECLARATION_lab:form", "EXISTS_SENSORELEMENT_farm:zone",
        "EXISTS_SENSORMETADATA_lab:certified", "EXISTS_SENSORREPORT_lab:quality",
        "EXISTS_INNER_SENSORREPORT_lab:flag"}) {
    EXPECT_TRUE(finds({{name, "true"}}, kHerbs)) << name;
    EXPECT_TRUE(finds({{name, ""}}, kHerbs)) << name;
    EXPECT_FALSE(finds({{name, "true"}}, event_with("{}"))) << name;
    EXPECT_TRUE(finds({{name, "false"}}, event_with("{}"))) << name;
  }
  EXPECT_FALSE(finds({{"EXISTS_lab:field", "true"}}, kHerbs));
}

TEST(Field, AUriFindsWhateverThePrefix) {
  for (const auto* name :
       {"EQ_https://ns.farm.example/epcis/field", "EQ_https://ns.farm.example/epcis#field"})
    expect_only(name, "north", "south");
  expect_only("EQ_INNER_https://ns.lab.example/v1#inspector", "Li", "Wu");
}

TEST(Field, APrefixOfTheQuerysContextFindsItsNamespace) {
  EXPECT_TRUE(named_finds(R"({"@context": {"f": "https://ns.farm.example/epcis/"},
                              "EQ_f:field": ["north"]})",
                          kHerbs));
  EXPECT_FALSE(named_finds(R"({"@context": {"farm": "https://else.example/"},
                               "EQ_farm:field": ["north"]})",
                           kHerbs));
}

TEST(Field, AContextInsideTheEventCounts) {
  const Json event = event_with(R"({"@context": {"f": "https://ns.farm.example/epcis/"},
                                    "f:field": "north"})");
  EXPECT_TRUE(finds({{"EQ_https://ns.farm.example/epcis/field", "north"}}, event));
  EXPECT_TRUE(finds({{"EQ_f:field", "north"}}, event));
  EXPECT_FALSE(finds({{"EQ_farm:field", "north"}}, event)) << "a REST query has no context";
}

TEST(Field, APropertyWrittenAsAUriHasThatName) {
  const Json event = event_with(R"({"https://ns.farm.example/epcis/field": "north"})");
  EXPECT_TRUE(finds({{"EQ_https://ns.farm.example/epcis#field", "north"}}, event));
}

}  // namespace
}  // namespace lotmark::epcis
