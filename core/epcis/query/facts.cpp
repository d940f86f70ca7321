#include "core/epcis/query/facts.h"

#include "core/epcis/query/facts_reader.h"

namespace lotmark::epcis {

namespace {

constexpr std::array<Spelling, kTextFacts> kSpellings = {
    Spelling::kEventType,    // kEventType
    Spelling::kPlain,        // kAction
    Spelling::kBizStep,      // kBizStep
    Spelling::kDisposition,  // kDisposition
    Spelling::kDisposition,  // kDispositionSet
    Spelling::kDisposition,  // kDispositionUnset
    Spelling::kIdentity,     // kReadPoint
    Spelling::kIdentity,     // kBizLocation
    Spelling::kIdentity,     // kTransformationId
    Spelling::kPlain,        // kEventId
    Spelling::kErrorReason,  // kErrorReason
    Spelling::kPlain,        // kCorrectiveEventId
    Spelling::kMeasurement,  // kMeasurement
    Spelling::kIdentity,     // kDeviceId
    Spelling::kPlain,        // kDeviceMetadata
    Spelling::kPlain,        // kRawData: a canonical form would drop its query
    Spelling::kIdentity,     // kProcessingMethod
    Spelling::kPlain,        // kMicroorganism
    Spelling::kPlain,        // kChemicalSubstance
    Spelling::kIdentity,     // kBizRules
    Spelling::kPlain,        // kStringValue
    Spelling::kHex,          // kHexBinaryValue
    Spelling::kPlain,        // kUriValue
    Spelling::kPlain,        // kBooleanValue
};

void read_what(FactsReader& reader) {
  reader.identities("epcList", IdentityList::kEpcs);
  reader.identities("childEPCs", IdentityList::kChildren);
  reader.identities("parentID", IdentityList::kParent);
  reader.identities("inputEPCList", IdentityList::kInputs);
  reader.identities("outputEPCList", IdentityList::kOutputs);
  reader.quantities("quantityList", IdentityList::kClasses);
  reader.quantities("childQuantityList", IdentityList::kChildClasses);
  reader.quantities("inputQuantityList", IdentityList::kInputClasses);
  reader.quantities("outputQuantityList", IdentityList::kOutputClasses);
}

void read_why(FactsReader& reader, const Json& event) {
  reader.text(event, "action", TextFact::kAction);
  reader.text(event, "bizStep", TextFact::kBizStep);
  reader.text(event, "disposition", TextFact::kDisposition);
  if (const Json* lasting = reader.object(event, "persistentDisposition")) {
    reader.text(*lasting, "set", TextFact::kDispositionSet);
    reader.text(*lasting, "unset", TextFact::kDispositionUnset);
  }
  reader.text(event, "transformationID", TextFact::kTransformationId);
  reader.partners("bizTransactionList", "bizTransaction", PartnerList::kTransactions);
  reader.partners("sourceList", "source", PartnerList::kSources);
  reader.partners("destinationList", "destination", PartnerList::kDestinations);
}

void read_where(FactsReader& reader, const Json& event) {
  if (const Json* point = reader.object(event, "readPoint")) {
    reader.text(*point, "id", TextFact::kReadPoint);
    reader.fields(*point, FieldArea::kReadPoint);
  }
  if (const Json* location = reader.object(event, "bizLocation")) {
    reader.text(*location, "id", TextFact::kBizLocation);
    reader.fields(*location, FieldArea::kBizLocation);
  }
}

void read_error_declaration(FactsReader& reader, const Json& event) {
  const Json* declaration = reader.object(event, "errorDeclaration");
  if (!declaration) return;
  reader.facts().has_error_declaration = true;
  reader.time(*declaration, "declarationTime", TimeFact::kErrorDeclarationTime);
  reader.text(*declaration, "reason", TextFact::kErrorReason);
  reader.text(*declaration, "correctiveEventIDs", TextFact::kCorrectiveEventId);
  reader.fields(*declaration, FieldArea::kErrorDeclaration);
}

}  // namespace

Spelling spelling_of(TextFact fact) { return kSpellings[static_cast<std::size_t>(fact)]; }

Result<EventFacts> facts_of(const Json& event, const Context& context,
                            std::int64_t record_time_ms) {
  if (!event.is_object()) return fail(Errc::kUsage, "an event is an object");
  Context own = context;
  if (const auto found = event.find("@context"); found != event.end()) {
    LM_ASSIGN(own, context.with(*found));
  }
  FactsReader reader(event, own);
  reader.text(event, "type", TextFact::kEventType);
  reader.text(event, "eventID", TextFact::kEventId);
  reader.time(event, "eventTime", TimeFact::kEventTime);
  read_what(reader);
  read_why(reader, event);
  read_where(reader, event);
  read_error_declaration(reader, event);
  reader.sensors();
  if (const Json* ilmd = reader.object(event, "ilmd")) reader.fields(*ilmd, FieldArea::kIlmd);
  reader.fields(event, FieldArea::kEvent);
  if (reader.error()) return *reader.error();
  EventFacts facts = std::move(reader.facts());
  if (facts.of(TextFact::kEventType).empty()) return fail(Errc::kUsage, "the event has no type");
  if (facts.of(TimeFact::kEventTime).empty())
    return fail(Errc::kUsage, "the event has no eventTime");
  facts.times_ms[static_cast<std::size_t>(TimeFact::kRecordTime)] = {record_time_ms};
  return facts;
}

}  // namespace lotmark::epcis
