#include "tests/unit/api_epcis/own_documents.h"

namespace lotmark::api::epcis::test {

using lotmark::epcis::Json;

const Json kOwnContext =
    Json::array({std::string(lotmark::epcis::kContextUrl), {{"farm", "https://farm.example/ns/"}}});

namespace {

constexpr const char* kEvents = R"json([
  {"type": "ObjectEvent", "eventID": "https://farm.example/events/1", "eventTime": "2026-05-04T10:20:30.116+08:00",
   "eventTimeZoneOffset": "+08:00", "action": "ADD", "bizStep": "commissioning", "disposition": "active",
   "persistentDisposition": {"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
   "epcList": ["https://id.gs1.org/01/06901234567892/21/1", "urn:epc:id:sgtin:6901234.056789.2"],
   "quantityList": [{"epcClass": "urn:epc:class:lgtin:6901234.056789.L1", "quantity": 12.5, "uom": "KGM"}],
   "readPoint": {"id": "urn:epc:id:sgln:6901234.00001.dock-1"}, "bizLocation": {"id": "https://id.gs1.org/414/6901234000016"},
   "bizTransactionList": [{"type": "po", "bizTransaction": "https://farm.example/orders/9"}],
   "sourceList": [{"type": "owning_party", "source": "https://farm.example/parties/1"}],
   "destinationList": [{"type": "owning_party", "destination": "https://farm.example/parties/2"}],
   "ilmd": {"farm:breed": "Kirin", "farm:litter": {"farm:size": 4}}, "farm:shelf": "007",
   "farm:box": {"farm:colour": "red", "farm:inside": [{"farm:depth": 3}]}},
  {"type": "AggregationEvent", "eventID": "https://farm.example/events/2", "eventTime": "2026-05-04T11:00:00Z",
   "eventTimeZoneOffset": "+08:00", "action": "ADD", "parentID": "urn:epc:id:sscc:6901234.0000000010",
   "childEPCs": ["https://id.gs1.org/01/06901234567892/21/1"], "bizStep": "packing",
   "childQuantityList": [{"epcClass": "https://id.gs1.org/01/06901234567892/10/L2", "quantity": 7}]},
  {"type": "AssociationEvent", "eventID": "https://farm.example/events/3", "eventTime": "2026-05-04T11:30:00Z",
   "eventTimeZoneOffset": "+00:00", "action": "ADD", "parentID": "urn:epc:id:grai:6901234.00001.9",
   "childEPCs": ["urn:epc:id:giai:6901234.7001"]},
  {"type": "TransactionEvent", "eventTime": "2026-05-04T12:00:00Z", "eventTimeZoneOffset": "-05:00", "action": "OBSERVE",
   "epcList": ["https://id.gs1.org/01/06901234567892/21/2"],
   "bizTransactionList": [{"type": "inv", "bizTransaction": "https://farm.example/invoices/9"}]},
  {"type": "TransformationEvent", "eventTime": "2026-05-04T13:00:00Z", "eventTimeZoneOffset": "+08:00",
   "transformationID": "https://farm.example/runs/1", "inputEPCList": ["https://id.gs1.org/01/06901234567892/21/1"],
   "inputQuantityList": [{"epcClass": "https://id.gs1.org/01/06901234567892/10/L1", "quantity": 3, "uom": "KGM"}],
   "outputQuantityList": [{"epcClass": "https://id.gs1.org/01/06901234567892/10/L3", "quantity": 2000, "uom": "GRM"}],
   "outputEPCList": ["https://id.gs1.org/01/06901234567892/21/9"]},
  {"type": "ObjectEvent", "eventID": "https://farm.example/events/6", "eventTime": "2026-05-04T14:00:00Z",
   "eventTimeZoneOffset": "+08:00", "action": "OBSERVE", "readPoint": {"id": "https://farm.example/rooms/cold-1"},
   "sensorElementList": [{"sensorMetadata": {"startTime": "2026-05-04T08:00:00Z", "endTime": "2026-05-04T14:00:00Z",
     "deviceID": "urn:epc:id:giai:6901234.7001", "bizRules": "https://farm.example/rules/cold",
     "rawData": "ni:///sha-256;00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
     "sensorReport": [{"type": "Temperature", "minValue": 2.25, "maxValue": 7.5, "meanValue": 4.125, "sDev": 0.5, "uom": "CEL"},
       {"type": "RelativeHumidity", "value": 61, "uom": "P1", "booleanValue": true, "hexBinaryValue": "0AFF"}]}]},
  {"type": "ObjectEvent", "eventID": "https://farm.example/events/7", "eventTime": "2026-05-04T15:00:00Z",
   "eventTimeZoneOffset": "+08:00", "action": "DELETE", "epcList": ["https://id.gs1.org/01/06901234567892/21/7"],
   "errorDeclaration": {"declarationTime": "2026-05-05T00:00:00Z", "reason": "did_not_occur",
     "correctiveEventIDs": ["https://farm.example/events/6"]}}
])json";

}  // namespace

std::vector<Json> own_events() { return Json::parse(kEvents).get<std::vector<Json>>(); }

std::string own_document(const std::vector<Json>& events) {
  return Json{{"@context", kOwnContext},
              {"type", "EPCISDocument"},
              {"schemaVersion", "2.0"},
              {"creationDate", "2026-05-04T16:00:00Z"},
              {"epcisBody", {{"eventList", events}}}}
      .dump();
}

}  // namespace lotmark::api::epcis::test
