// Each parameter with an event it finds and one it does not.
#include "tests/unit/epcis_query/fixture.h"

namespace lotmark::epcis {
namespace {

const Json kPlain = event_with("{}");

TEST(Match, AnEmptyQueryFindsAll) {
  EXPECT_TRUE(finds(Asked{}, kPlain));
  EXPECT_TRUE(named_finds("{}", kPlain));
  EXPECT_TRUE(needed_terms(must(parse_query(Asked{}))).empty());
}

TEST(Match, EventTypes) {
  EXPECT_TRUE(finds({{"eventType", "AggregationEvent|ObjectEvent"}}, kPlain));
  EXPECT_FALSE(finds({{"eventType", "AggregationEvent"}}, kPlain));
  const Json own = event_with(R"({"type": "farm:DryingEvent"})");
  EXPECT_TRUE(finds({{"eventType", "https://ns.farm.example/epcis/DryingEvent"}}, own));
  EXPECT_TRUE(finds({{"eventType", "farm:DryingEvent"}}, own));
  EXPECT_FALSE(finds({{"eventType", "lab:DryingEvent"}}, own));
}

TEST(Match, EventTimeFromIncludedToExcluded) {
  EXPECT_TRUE(finds({{"GE_eventTime", "2026-03-04T10:00:30.000Z"}}, kPlain));
  EXPECT_FALSE(finds({{"GE_eventTime", "2026-03-04T10:00:30.001Z"}}, kPlain));
  EXPECT_TRUE(finds({{"LT_eventTime", "2026-03-04T11:00:30.001+01:00"}}, kPlain));
  EXPECT_FALSE(finds({{"LT_eventTime", "2026-03-04T11:00:30.000+01:00"}}, kPlain));
}

TEST(Match, RecordTimeIsTheOneGivenAndNotTheEvents) {
  const Json event = event_with(R"({"recordTime": "2001-01-01T00:00:00Z"})");
  EXPECT_TRUE(finds({{"GE_recordTime", "2026-05-28T20:26:40Z"}}, event));
  EXPECT_FALSE(finds({{"LT_recordTime", "2026-05-28T20:26:40Z"}}, event));
}

TEST(Match, Actions) {
  EXPECT_TRUE(finds({{"EQ_action", "ADD|OBSERVE"}}, kPlain));
  EXPECT_FALSE(finds({{"EQ_action", "ADD"}}, kPlain));
}

TEST(Match, WordsOfTheVocabularyInAnySpelling) {
  const Json event = event_with(R"({"bizStep": "shipping", "disposition":
      "https://ref.gs1.org/cbv/Disp-in_transit"})");
  for (const auto* text : {"shipping", "urn:epcglobal:cbv:bizstep:shipping",
                           "https://ref.gs1.org/cbv/BizStep-shipping", "cbv:BizStep-shipping"})
    EXPECT_TRUE(finds({{"EQ_bizStep", text}}, event)) << text;
  EXPECT_FALSE(finds({{"EQ_bizStep", "receiving"}}, event));
  EXPECT_FALSE(finds({{"EQ_bizStep", "shipping"}}, kPlain));
  EXPECT_TRUE(finds({{"EQ_disposition", "active|in_transit"}}, event));
  EXPECT_FALSE(finds({{"EQ_disposition", "active"}}, event));
}

TEST(Match, PersistentDispositions) {
  const Json event = event_with(R"({"persistentDisposition": {"set": ["completeness_verified"],
      "unset": ["completeness_inferred"]}})");
  EXPECT_TRUE(finds({{"EQ_persistentDisposition_set", "completeness_verified"}}, event));
  EXPECT_FALSE(finds({{"EQ_persistentDisposition_set", "completeness_inferred"}}, event));
  EXPECT_TRUE(finds({{"EQ_persistentDisposition_unset", "completeness_inferred"}}, event));
  EXPECT_FALSE(finds({{"EQ_persistentDisposition_unset", "completeness_verified"}}, event));
}

TEST(Match, PlacesInEitherForm) {
  const Json event = event_with(R"({"readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
      "bizLocation": {"id": "https://farm.example/414/0614141073467"}})");
  for (const auto* name : {"EQ_readPoint", "WD_readPoint"}) {
    EXPECT_TRUE(finds({{name, "https://x.example/414/0614141073467/254/1234"}}, event)) << name;
    EXPECT_FALSE(finds({{name, "urn:epc:id:sgln:0614141.07346.0"}}, event)) << name;
  }
  for (const auto* name : {"EQ_bizLocation", "WD_bizLocation"}) {
    EXPECT_TRUE(finds({{name, "urn:epc:id:sgln:0614141.07346.0"}}, event)) << name;
    EXPECT_FALSE(finds({{name, "urn:epc:id:sgln:0614141.07347.0"}}, event)) << name;
  }
  EXPECT_FALSE(finds({{"EQ_readPoint", "geo:42.7,23.3"}}, kPlain));
}

TEST(Match, TransactionsSourcesAndDestinationsByType) {
  const Json event = event_with(R"({
      "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:7"},
                             {"bizTransaction": "urn:example:untyped"}],
      "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:0614141.00777"}],
      "destinationList": [{"type": "urn:epcglobal:cbv:sdt:location",
                           "destination": "urn:epc:id:sgln:0614141.07346.0"}]})");
  EXPECT_TRUE(
      finds({{"EQ_bizTransaction_po", "urn:x:1|urn:epcglobal:cbv:bt:0614141073467:7"}}, event));
  EXPECT_FALSE(finds({{"EQ_bizTransaction_inv", "urn:epcglobal:cbv:bt:0614141073467:7"}}, event));
  EXPECT_FALSE(finds({{"EQ_bizTransaction_po", "urn:example:untyped"}}, event));
  EXPECT_TRUE(finds({{"EQ_source_owning_party", "https://x.example/417/0614141007776"}}, event));
  EXPECT_TRUE(finds({{"EQ_source_owning_party", "urn:epc:id:pgln:0614141.00777"}}, event));
  EXPECT_FALSE(finds({{"EQ_source_possessing_party", "urn:epc:id:pgln:0614141.00777"}}, event));
  EXPECT_FALSE(finds({{"EQ_destination_owning_party", "urn:epc:id:pgln:0614141.00777"}}, event));
  EXPECT_TRUE(finds({{"EQ_destination_location", "urn:epc:id:sgln:0614141.07346.0"}}, event));
}

TEST(Match, Transformations) {
  const Json event = event_with(R"({"type": "TransformationEvent",
      "transformationID": "urn:epc:id:gdti:0614141.12345.400",
      "inputEPCList": ["urn:epc:id:sgtin:0614141.107346.1"],
      "outputEPCList": ["urn:epc:id:sgtin:0614141.107347.2"],
      "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:0614141.107346.A", "quantity": 5, "uom": "KGM"}],
      "outputQuantityList": [{"epcClass": "urn:epc:class:lgtin:0614141.107347.B", "quantity": 4, "uom": "KGM"}]})");
  EXPECT_TRUE(finds({{"EQ_transformationID", "urn:epc:id:gdti:0614141.12345.400"}}, event));
  EXPECT_FALSE(finds({{"EQ_transformationID", "urn:epc:id:gdti:0614141.12345.401"}}, event));
  EXPECT_TRUE(finds({{"MATCH_inputEPC", "urn:epc:idpat:sgtin:0614141.107346.*"}}, event));
  EXPECT_FALSE(finds({{"MATCH_inputEPC", "urn:epc:idpat:sgtin:0614141.107347.*"}}, event));
  EXPECT_TRUE(finds({{"MATCH_outputEPC", "urn:epc:id:sgtin:0614141.107347.2"}}, event));
  EXPECT_FALSE(finds({{"MATCH_outputEPC", "urn:epc:id:sgtin:0614141.107346.1"}}, event));
  EXPECT_FALSE(finds({{"MATCH_epc", "urn:epc:id:sgtin:0614141.107346.1"}}, event));
  EXPECT_TRUE(finds({{"MATCH_anyEPC", "urn:epc:id:sgtin:0614141.107346.1"}}, event));
  EXPECT_TRUE(finds({{"MATCH_inputEPCClass", "urn:epc:class:lgtin:0614141.107346.A"}}, event));
  EXPECT_FALSE(finds({{"MATCH_inputEPCClass", "urn:epc:class:lgtin:0614141.107347.B"}}, event));
  EXPECT_TRUE(finds({{"MATCH_outputEPCClass", "urn:epc:class:lgtin:0614141.107347.B"}}, event));
  EXPECT_FALSE(finds({{"MATCH_outputEPCClass", "urn:epc:class:lgtin:0614141.107346.A"}}, event));
  EXPECT_FALSE(finds({{"MATCH_epcClass", "urn:epc:class:lgtin:0614141.107347.B"}}, event));
  EXPECT_TRUE(finds({{"MATCH_anyEPCClass", "urn:epc:class:lgtin:0614141.107347.B"}}, event));
}

TEST(Match, EpcsOfObjectsAndAggregations) {
  const Json object =
      event_with(R"({"epcList": ["https://farm.example/01/10614141073464/21/2018"]})");
  const Json pallet = event_with(R"({"type": "AggregationEvent",
      "parentID": "urn:epc:id:sscc:0614141.1234567890",
      "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2018"],
      "childQuantityList": [{"epcClass": "https://id.gs1.org/01/10614141073464/10/A1", "quantity": 12}]})");
  constexpr auto kItem = "urn:epc:id:sgtin:0614141.107346.2018";
  EXPECT_TRUE(finds({{"MATCH_epc", kItem}}, object));
  EXPECT_TRUE(finds({{"MATCH_epc", kItem}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_epc", "urn:x:1|https://id.gs1.org/01/10614141073464"}}, object));
  EXPECT_FALSE(finds({{"MATCH_epc", "urn:epc:id:sscc:0614141.1234567890"}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_parentID", "https://id.gs1.org/00/106141412345678908"}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_parentID", "urn:epc:idpat:sscc:0614141.*"}}, pallet));
  EXPECT_FALSE(finds({{"MATCH_parentID", kItem}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_anyEPC", "urn:epc:id:sscc:0614141.1234567890"}}, pallet));
  EXPECT_FALSE(finds({{"MATCH_anyEPC", "urn:epc:id:sscc:0614141.1234567891"}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_epcClass", "urn:epc:class:lgtin:0614141.107346.A1"}}, pallet));
  EXPECT_FALSE(finds({{"MATCH_epcClass", "urn:epc:idpat:sgtin:0614141.107346.*"}}, pallet));
  EXPECT_TRUE(finds({{"MATCH_anyEPCClass", "https://x.example/01/10614141073464/10/A1"}}, pallet));
  EXPECT_FALSE(finds({{"MATCH_anyEPCClass", kItem}}, object));
}

TEST(Match, QuantitiesOfAnyUnitAndOfOne) {
  const Json event = event_with(R"({"quantityList": [
      {"epcClass": "urn:epc:class:lgtin:0614141.107346.A", "quantity": 200.5, "uom": "KGM"},
      {"epcClass": "urn:epc:idpat:sgtin:0614141.107347.*", "quantity": 3}]})");
  EXPECT_TRUE(finds({{"EQ_quantity", "3"}}, event));
  EXPECT_TRUE(finds({{"EQ_quantity", "7|200.5"}}, event));
  EXPECT_FALSE(finds({{"EQ_quantity", "4"}}, event));
  EXPECT_TRUE(finds({{"GT_quantity", "200"}}, event));
  EXPECT_FALSE(finds({{"GT_quantity", "200.5"}}, event));
  EXPECT_TRUE(finds({{"GE_quantity", "200.5"}}, event));
  EXPECT_FALSE(finds({{"GE_quantity", "201"}}, event));
  EXPECT_TRUE(finds({{"LT_quantity", "3.1"}}, event));
  EXPECT_FALSE(finds({{"LT_quantity", "3"}}, event));
  EXPECT_TRUE(finds({{"LE_quantity", "3"}}, event));
  EXPECT_FALSE(finds({{"LE_quantity", "2.9"}}, event));
  EXPECT_TRUE(finds({{"EQ_quantity_KGM", "200.5"}}, event));
  EXPECT_TRUE(finds({{"EQ_quantity_GRM", "200500"}}, event));
  EXPECT_FALSE(finds({{"EQ_quantity_KGM", "3"}}, event));
  EXPECT_FALSE(finds({{"GE_quantity_LTR", "0"}}, event));
  EXPECT_TRUE(finds({{"LT_quantity_TNE", "1"}}, event));
  EXPECT_FALSE(finds({{"GE_quantity", "0"}}, kPlain));
}

TEST(Match, EventIds) {
  const Json event = event_with(R"({"eventID": "ni:///sha-256;fec9?ver=CBV2.0"})");
  EXPECT_TRUE(finds({{"EQ_eventID", "ni:///sha-256;fec9?ver=CBV2.0"}}, event));
  EXPECT_FALSE(finds({{"EQ_eventID", "ni:///sha-256;fec9"}}, event));
}

TEST(Match, ErrorDeclarations) {
  const Json event = event_with(R"({"errorDeclaration": {"reason": "incorrect_data",
      "declarationTime": "2026-04-01T00:00:00Z", "correctiveEventIDs": ["urn:uuid:1", "urn:uuid:2"]}})");
  EXPECT_TRUE(finds({{"EXISTS_errorDeclaration", "true"}}, event));
  EXPECT_FALSE(finds({{"EXISTS_errorDeclaration", "true"}}, kPlain));
  EXPECT_TRUE(finds({{"EXISTS_errorDeclaration", "false"}}, kPlain));
  EXPECT_TRUE(finds({{"GE_errorDeclarationTime", "2026-04-01T00:00:00Z"}}, event));
  EXPECT_FALSE(finds({{"LT_errorDeclarationTime", "2026-04-01T00:00:00Z"}}, event));
  EXPECT_FALSE(finds({{"GE_errorDeclaration_Time", "2026-01-01T00:00:00Z"}}, kPlain));
  EXPECT_TRUE(finds({{"EQ_errorReason", "did_not_occur|incorrect_data"}}, event));
  EXPECT_FALSE(finds({{"EQ_errorReason", "did_not_occur"}}, event));
  EXPECT_TRUE(finds({{"EQ_correctiveEventID", "urn:uuid:2"}}, event));
  EXPECT_FALSE(finds({{"EQ_correctiveEventID", "urn:uuid:3"}}, event));
}

TEST(Match, DifferentParametersMustAllHold) {
  const Json event = event_with(R"({"bizStep": "shipping"})");
  EXPECT_TRUE(finds({{"EQ_bizStep", "shipping"}, {"EQ_action", "OBSERVE"}}, event));
  EXPECT_FALSE(finds({{"EQ_bizStep", "shipping"}, {"EQ_action", "ADD"}}, event));
}

TEST(Match, WithoutMasterDataNoEventHasItsAttributes) {
  EXPECT_FALSE(finds({{"HASATTR_bizLocation", "urn:epcglobal:cbv:mda:name"}}, kPlain));
  EXPECT_FALSE(finds({{"EQATTR_bizLocation_urn:epcglobal:cbv:mda:name", "x"}}, kPlain));
  EXPECT_FALSE(finds({{"EQ_ATTR_bizLocation_name", "x"}}, kPlain));
}

}  // namespace
}  // namespace lotmark::epcis
