// One rule of the canonical event hash a test, by what a few members of an event add to the string.
#include <gtest/gtest.h>

#include "tests/unit/epcis_hash/event_text.h"

namespace lotmark::epcis {
namespace {

using test::added;

const std::string kCbv = "https://ref.gs1.org/cbv/";

TEST(HashRules, AnEventOfTypeAndTimeAlone) { EXPECT_EQ(added(""), ""); }

TEST(HashRules, FieldsStandInTheStandardsOrder) {
  EXPECT_EQ(
      added(
          R"("disposition": "active", "action": "ADD", "bizStep": "packing", "parentID": "urn:x:1")"),
      "parentID=urn:x:1action=ADDbizStep=" + kCbv + "BizStep-packingdisposition=" + kCbv +
          "Disp-active");
  EXPECT_EQ(
      added(
          R"("outputEPCList": ["urn:x:2"], "transformationID": "urn:x:3", "inputEPCList": ["urn:x:1"])"),
      "inputEPCListepc=urn:x:1outputEPCListepc=urn:x:2transformationID=urn:x:3");
}

TEST(HashRules, AListsNameStandsOnceAndItsItemsSorted) {
  EXPECT_EQ(added(R"("epcList": ["urn:x:b", "urn:x:B", "urn:x:a1", "urn:x:a"])"),
            "epcListepc=urn:x:Bepc=urn:x:aepc=urn:x:a1epc=urn:x:b");
  EXPECT_EQ(added(R"("childEPCs": ["urn:x:2", "urn:x:1"])"), "childEPCsepc=urn:x:1epc=urn:x:2");
}

TEST(HashRules, ItemsAreSortedInTheirCanonicalForm) {
  EXPECT_EQ(
      added(
          R"("epcList": ["urn:epc:id:sgtin:9521141.012345.2", "https://a.example/01/09521141123454/21/1"])"),
      "epcListepc=https://id.gs1.org/01/09521141123454/21/1"
      "epc=https://id.gs1.org/01/09521141123454/21/2");
}

TEST(HashRules, AnItemTwiceStandsTwice) {
  EXPECT_EQ(added(R"("epcList": ["urn:x:1", "urn:x:1"])"), "epcListepc=urn:x:1epc=urn:x:1");
}

TEST(HashRules, EmptyListsAndTextsGo) {
  EXPECT_EQ(
      added(R"("epcList": [], "bizStep": " ", "quantityList": [{}], "readPoint": {}, "ilmd": {},
                     "sensorElementList": [{"sensorReport": []}], "sourceList": [])"),
      "");
}

TEST(HashRules, QuantitiesAreOfClassAmountAndUnit) {
  EXPECT_EQ(added(R"("quantityList": [{"uom": "KGM", "quantity": 26.0, "epcClass": "urn:x:b"},
                                      {"quantity": 0, "epcClass": "urn:x:a"}, {"epcClass": "urn:x:c"}])"),
            "quantityListquantityElementepcClass=urn:x:aquantity=0"
            "quantityElementepcClass=urn:x:bquantity=26uom=KGMquantityElementepcClass=urn:x:c");
}

TEST(HashRules, CertificatesStandOneByOneBeforeTheParent) {
  EXPECT_EQ(added(R"("parentID": "urn:x:1", "certificationInfo": "urn:c:1")"),
            "certificationInfo=urn:c:1parentID=urn:x:1");
  EXPECT_EQ(added(R"("certificationInfo": ["urn:c:2", "urn:c:1"])"),
            "certificationInfo=urn:c:1certificationInfo=urn:c:2");
}

TEST(HashRules, PersistentDispositionsAreSetBeforeUnset) {
  EXPECT_EQ(
      added(R"("persistentDisposition": {"unset": ["expired"], "set": ["recalled", "damaged"]})"),
      "persistentDispositionset=" + kCbv + "Disp-damagedset=" + kCbv +
          "Disp-recalledunset=" + kCbv + "Disp-expired");
}

TEST(HashRules, TypesStandBeforeTheirValueWhateverTheKeysOrder) {
  const std::string text = "bizTransactionListtype=" + kCbv + "BTT-pobizTransaction=urn:x:1";
  EXPECT_EQ(added(R"("bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}])"), text);
  EXPECT_EQ(added(R"("bizTransactionList": [{"bizTransaction": "urn:x:1", "type": "po"}])"), text);
  EXPECT_EQ(added(R"("bizTransactionList": [{"bizTransaction": "urn:x:1"}])"),
            "bizTransactionListbizTransaction=urn:x:1");
}

TEST(HashRules, ListsOfPartiesStandBehindTheSensorsSortedWithIlmd) {
  EXPECT_EQ(
      added(
          R"("sourceList": [{"type": "location", "source": "urn:x:s"}], "ilmd": {"ex:i": 1}, "ex:e": 2,
                     "destinationList": [{"type": "location", "destination": "urn:x:d"}],
                     "bizTransactionList": [{"bizTransaction": "urn:x:b"}],
                     "sensorElementList": [{"sensorReport": [{"type": "Mass"}]}])"),
      "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Mass"
      "bizTransactionListbizTransaction=urn:x:b"
      "destinationListtype=" +
          kCbv +
          "SDT-locationdestination=urn:x:d"
          "ilmd{https://ns.example/}i=1"
          "sourceListtype=" +
          kCbv + "SDT-locationsource=urn:x:s{https://ns.example/}e=2");
}

TEST(HashRules, ReportsOfASensorAreSortedWhole) {
  EXPECT_EQ(
      added(
          R"("sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 5}, {"value": 10,
                     "type": "Temperature"}], "sensorMetadata": {"deviceID": "urn:x:d", "time": "2026-03-02T08:15:00.0005+01:00"}}])"),
      "sensorElementListsensorElement"
      "sensorMetadatatime=2026-03-02T07:15:00.001ZdeviceID=urn:x:d"
      "sensorReporttype=https://gs1.org/voc/Temperaturevalue=10"
      "sensorReporttype=https://gs1.org/voc/Temperaturevalue=5");
}

TEST(HashRules, HexOfASensorStaysAsItIs) {
  EXPECT_EQ(
      added(
          R"("sensorElementList": [{"sensorReport": [{"hexBinaryValue": "00E1", "stringValue": "1.0",
                     "booleanValue": true}]}])"),
      "sensorElementListsensorElementsensorReportstringValue=1booleanValue=truehexBinaryValue="
      "00E1");
}

TEST(HashRules, ExtensionsStandBehindTheFieldsOfWhatTheyAreIn) {
  EXPECT_EQ(added(R"("readPoint": {"ex:b": 1, "id": "urn:x:r", "ex:a": {"ex:c": "d"}}, "ex:a": 0)"),
            "readPointid=urn:x:r{https://ns.example/}a{https://ns.example/}c=d"
            "{https://ns.example/}b=1{https://ns.example/}a=0");
}

TEST(HashRules, RepeatedExtensionsStandUnderTheSameName) {
  EXPECT_EQ(added(R"("ex:a": [2, "1", {"ex:b": true}, [3, []]])"),
            "{https://ns.example/}a=1{https://ns.example/}a=2{https://ns.example/}a=3"
            "{https://ns.example/}a{https://ns.example/}b=true");
}

TEST(HashRules, AnElementsTextStandsBeforeItsAttributes) {
  EXPECT_EQ(added(R"("ex:a": {"ex:unit": "kg", "#text": "26.0"})"),
            "{https://ns.example/}a=26{https://ns.example/}unit=kg");
}

TEST(HashRules, TheSameNameByAnotherPrefixIsTheSame) {
  const auto event = test::event_with(R"("b:f": 1)");
  const auto context = lotmark::test::must(Context::read(Json{{"b", "https://ns.example/"}}));
  EXPECT_EQ(lotmark::test::must(pre_hash(event, context)), test::kHead + added(R"("ex:f": 1)"));
  EXPECT_EQ(added(R"("https://ns.example/f": 1)"), added(R"("ex:f": 1)"));
}

TEST(HashRules, AWordOfTheStandardInAnExtensionStaysAsItIs) {
  EXPECT_EQ(added(R"("bizStep": "packing", "ex:a": "packing")"),
            "bizStep=" + kCbv + "BizStep-packing{https://ns.example/}a=packing");
}

TEST(HashRules, TimesOfUsersStayAsTheyAre) {
  EXPECT_EQ(added(R"("ex:time": "2026-03-02T08:15:00+01:00")"),
            "{https://ns.example/}time=2026-03-02T08:15:00+01:00");
}

TEST(HashRules, WhatIsSaidAboutTheEventIsLeftOut) {
  EXPECT_EQ(
      added(R"("eventID": "urn:x:1", "recordTime": "2026-03-02T08:15:00Z", "rdfs:comment": "no",
                     "errorDeclaration": {"declarationTime": "never"}, "@context": {"ex": "https://ns.example/"})"),
      "");
}

TEST(HashRules, CommentsAreLeftOutAtAnyDepth) {
  EXPECT_EQ(
      added(
          R"("readPoint": {"id": "urn:x:r", "rdfs:comment": "no"}, "ex:a": {"rdfs:comment": ["no"], "ex:b": 1},
                     "http://www.w3.org/2000/01/rdf-schema#comment": "no")"),
      "readPointid=urn:x:r{https://ns.example/}a{https://ns.example/}b=1");
  EXPECT_EQ(added(R"("ex:comment": "yes")"), "{https://ns.example/}comment=yes");
}

TEST(HashRules, NullIsNothing) {
  EXPECT_EQ(added(R"("ex:a": null, "ex:b": [null], "ex:c": {"ex:d": null})"),
            "{https://ns.example/}c");
}

TEST(HashRules, AnUnknownPrefixKeepsItsText) {
  EXPECT_EQ(added(R"("who:knows": 1)"), "who:knows=1");
}

TEST(HashRules, AnEventsOwnTypeIsExpanded) {
  auto event = test::event_with("");
  event["type"] = "ex:Auction";
  EXPECT_TRUE(lotmark::test::must(pre_hash(event, test::example_context()))
                  .starts_with("eventType=https://ns.example/AuctioneventTime="));
}

TEST(HashRules, TheOffsetOfAZoneStays) {
  auto event = test::event_with("");
  event["eventTimeZoneOffset"] = "-00:00";
  EXPECT_TRUE(lotmark::test::must(pre_hash(event, Context())).ends_with("Offset=-00:00"));
}

TEST(HashRules, OneEventOnTwoZonesDiffersByItsOffset) {
  auto event = test::event_with("");
  event["eventTime"] = "2026-03-02T07:15:00Z";
  EXPECT_EQ(lotmark::test::must(pre_hash(event, Context())), test::kHead);
}

}  // namespace
}  // namespace lotmark::epcis
