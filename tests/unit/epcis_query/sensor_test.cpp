// What sensors reported (EPCIS 2.0 section 7.3.7, GS1's conformance test TCR53).
#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

// A vaccine fridge: metadata of the window, a temperature and a humidity; the second element has its own times.
const Json kFridge = event_with(R"({"sensorElementList": [
    {"sensorMetadata": {"startTime": "2026-03-04T08:00:00Z", "endTime": "2026-03-04T09:00:00Z",
         "deviceID": "urn:epc:id:giai:0614141.77", "rawData": "https://lab.example/raw/7?bundle=5",
         "deviceMetadata": "https://lab.example/device/77", "bizRules": "https://lab.example/253/0614141123452A",
         "dataProcessingMethod": "https://lab.example/253/0614141123452B"},
     "sensorReport": [
       {"type": "Temperature", "value": 5, "minValue": 2, "maxValue": 7.5, "meanValue": 4.8, "sDev": 0.5,
        "percRank": 95, "percValue": 7, "uom": "CEL"},
       {"type": "gs1:RelativeHumidity", "value": 60, "uom": "P1"}]},
    {"sensorReport": [
       {"type": "https://gs1.org/voc/AbsorbedDose", "time": "2026-03-04T09:30:00Z", "value": 2, "uom": "ZZ",
        "deviceID": "https://lab.example/8004/061414178", "microorganism": "https://ncbi.example/taxonomy/1126011",
        "chemicalSubstance": "https://identifiers.example/inchikey:CZMR", "stringValue": "all well",
        "booleanValue": true, "hexBinaryValue": "F0f0", "uriValue": "https://lab.example/8004/061414178?x=1"}]}]})");
const Json kWithoutSensors = event_with("{}");

void expect_only(const Asked& right, const Asked& wrong) {
  EXPECT_TRUE(finds(right, kFridge)) << right[0].first << "=" << right[0].second;
  EXPECT_FALSE(finds(right, kWithoutSensors)) << right[0].first;
  EXPECT_FALSE(finds(wrong, kFridge)) << wrong[0].first << "=" << wrong[0].second;
}

TEST(Sensor, ElementsExist) {
  for (const auto* name : {"EXISTS_sensorElementList", "EXISTS_sensorElement"}) {
    EXPECT_TRUE(finds({{name, "true"}}, kFridge));
    EXPECT_FALSE(finds({{name, "true"}}, kWithoutSensors));
  }
}

TEST(Sensor, Times) {
  expect_only({{"GE_time", "2026-03-04T09:30:00Z"}}, {{"GE_time", "2026-03-04T09:30:00.001Z"}});
  expect_only({{"LT_time", "2026-03-04T09:30:01Z"}}, {{"LT_time", "2026-03-04T09:30:00Z"}});
  expect_only({{"EQ_time", "2026-03-04T10:30:00+01:00"}}, {{"EQ_time", "2026-03-04T09:31:00Z"}});
  expect_only({{"GE_startTime", "2026-03-04T08:00:00Z"}},
              {{"GE_startTime", "2026-03-04T09:00:00Z"}});
  expect_only({{"LT_startTime", "2026-03-04T09:00:00Z"}},
              {{"LT_startTime", "2026-03-04T08:00:00Z"}});
  expect_only({{"GE_endTime", "2026-03-04T09:00:00Z"}}, {{"GE_endTime", "2026-03-04T09:30:00Z"}});
  expect_only({{"LT_endTime", "2026-03-04T09:30:00Z"}}, {{"LT_endTime", "2026-03-04T09:00:00Z"}});
}

TEST(Sensor, TypesInAnySpelling) {
  for (const auto* type : {"Temperature", "gs1:Temperature", "https://gs1.org/voc/Temperature",
                           "RelativeHumidity", "AbsorbedDose"})
    expect_only({{"EQ_type", type}}, {{"EQ_type", "Illuminance"}});
}

TEST(Sensor, DevicesAndMethodsInMetadataOrReport) {
  expect_only({{"EQ_deviceID", "https://x.example/8004/061414177"}},
              {{"EQ_deviceID", "urn:epc:id:giai:0614141.79"}});
  expect_only({{"EQ_deviceID", "urn:epc:id:giai:0614141.78"}},
              {{"EQ_deviceID", "urn:epc:id:giai:0614141.7"}});
  expect_only({{"EQ_deviceMetadata", "https://lab.example/device/77"}},
              {{"EQ_deviceMetadata", "https://lab.example/device/78"}});
  expect_only({{"EQ_rawData", "https://lab.example/raw/7?bundle=5"}},
              {{"EQ_rawData", "https://lab.example/raw/7?bundle=6"}});
  expect_only({{"EQ_dataProcessingMethod", "https://lab.example/253/0614141123452B"}},
              {{"EQ_dataProcessingMethod", "https://lab.example/253/0614141123452A"}});
  expect_only({{"EQ_bizRules", "https://lab.example/253/0614141123452A"}},
              {{"EQ_bizRules", "https://lab.example/253/0614141123452B"}});
}

TEST(Sensor, OtherValues) {
  expect_only({{"EQ_microorganism", "https://ncbi.example/taxonomy/1126011"}},
              {{"EQ_microorganism", "https://ncbi.example/taxonomy/1"}});
  expect_only({{"EQ_chemicalSubstance", "https://identifiers.example/inchikey:CZMR"}},
              {{"EQ_chemicalSubstance", "https://identifiers.example/inchikey:AAAA"}});
  expect_only({{"EQ_stringValue", "all well"}}, {{"EQ_stringValue", "All well"}});
  expect_only({{"EQ_booleanValue", "true"}}, {{"EQ_booleanValue", "false"}});
  expect_only({{"EQ_hexBinaryValue", "f0F0"}}, {{"EQ_hexBinaryValue", "f0f1"}});
  expect_only({{"EQ_uriValue", "https://lab.example/8004/061414178?x=1"}},
              {{"EQ_uriValue", "https://lab.example/8004/061414178"}});
}

TEST(Sensor, NumbersInTheirUnit) {
  expect_only({{"EQ_value_CEL", "5"}}, {{"EQ_value_CEL", "60"}});
  expect_only({{"GE_value_CEL", "5"}}, {{"GE_value_CEL", "5.1"}});
  expect_only({{"LT_value_CEL", "5.1"}}, {{"LT_value_CEL", "5"}});
  expect_only({{"GT_value_P1", "59"}}, {{"GT_value_P1", "60"}});
  expect_only({{"LE_value_P1", "60"}}, {{"LE_value_P1", "59"}});
  expect_only({{"GE_minValue_CEL", "2"}}, {{"GE_minValue_CEL", "2.5"}});
  expect_only({{"LT_maxValue_CEL", "8"}}, {{"LT_maxValue_CEL", "7.5"}});
  expect_only({{"GT_meanValue_CEL", "4"}}, {{"LE_meanValue_CEL", "4"}});
  expect_only({{"LE_sDev_CEL", "0.5"}}, {{"LT_sDev_CEL", "0.5"}});
  expect_only({{"GE_percValue_CEL", "7"}}, {{"GT_percValue_CEL", "7"}});
  expect_only({{"GE_percRank", "95"}}, {{"LT_percRank", "95"}});
  expect_only({{"GE_sDev", "0.5"}}, {{"GT_sDev", "0.5"}});
  expect_only({{"LT_percValue", "8"}}, {{"GE_percValue", "8"}});
}

TEST(Sensor, NumbersInAnotherUnitOfTheDimension) {
  expect_only({{"GE_value_KEL", "278.15"}}, {{"GE_value_KEL", "279"}});
  expect_only({{"LE_value_FAH", "41"}}, {{"LT_value_FAH", "41"}});
  expect_only({{"EQ_maxValue_KEL", "280.65"}}, {{"EQ_maxValue_KEL", "7.5"}});
  expect_only({{"EQ_sDev_KEL", "0.5"}}, {{"GE_sDev_KEL", "273"}});
  expect_only({{"EQ_value_NX", "600"}}, {{"EQ_value_NX", "60"}});
}

TEST(Sensor, AnUnknownUnitIsFoundByItselfOnly) {
  expect_only({{"EQ_value_ZZ", "2"}}, {{"EQ_value_XX", "2"}});
}

// TCR53, step 26.
TEST(Sensor, ATypeTogetherWithAValueInKelvin) {
  EXPECT_TRUE(finds({{"EQ_type", "gs1:Temperature"}, {"GE_value_KEL", "274"}}, kFridge));
  EXPECT_FALSE(finds({{"EQ_type", "gs1:Temperature"}, {"GE_value_KEL", "300"}}, kFridge));
}

TEST(Sensor, EachParameterIsJudgedOverTheWholeEvent) {
  EXPECT_TRUE(finds({{"EQ_type", "AbsorbedDose"}, {"GE_value_CEL", "5"}}, kFridge));
  EXPECT_TRUE(
      finds({{"EQ_deviceID", "urn:epc:id:giai:0614141.78"}, {"EQ_value_P1", "60"}}, kFridge));
}

}  // namespace
}  // namespace lotmark::epcis
