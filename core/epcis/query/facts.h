// What queries look at in one event, taken out of it once: texts in the one spelling, identifiers in canonical form,
// times in milliseconds, numbers with their units.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/epcis/context.h"
#include "core/epcis/query/field_value.h"
#include "core/epcis/query/identity_pattern.h"
#include "core/epcis/query/words.h"

namespace lotmark::epcis {

// The numbers of these go into index terms that are stored (terms.h): never renumber, add at the end.
enum class TextFact : std::uint8_t {
  kEventType,
  kAction,
  kBizStep,
  kDisposition,
  kDispositionSet,
  kDispositionUnset,
  kReadPoint,
  kBizLocation,
  kTransformationId,
  kEventId,
  kErrorReason,
  kCorrectiveEventId,
  kMeasurement,
  kDeviceId,
  kDeviceMetadata,
  kRawData,
  kProcessingMethod,
  kMicroorganism,
  kChemicalSubstance,
  kBizRules,
  kStringValue,
  kHexBinaryValue,
  kUriValue,
  kBooleanValue,
};
inline constexpr std::size_t kTextFacts = 24;
Spelling spelling_of(TextFact fact);

enum class TimeFact : std::uint8_t {
  kEventTime,
  kRecordTime,
  kErrorDeclarationTime,
  kSensorTime,  // time of sensorMetadata or sensorReport
  kSensorStart,
  kSensorEnd,
};
inline constexpr std::size_t kTimeFacts = 6;

enum class IdentityList : std::uint8_t {
  kEpcs,
  kChildren,
  kParent,
  kInputs,
  kOutputs,
  kClasses,  // this and what follows: classes of quantities
  kChildClasses,
  kInputClasses,
  kOutputClasses,
};
inline constexpr std::size_t kIdentityLists = 9;
inline constexpr bool is_class_list(IdentityList list) { return list >= IdentityList::kClasses; }

// bizTransactionList, sourceList, destinationList.
enum class PartnerList : std::uint8_t { kTransactions, kSources, kDestinations };
struct Partner {
  PartnerList list;
  std::vector<std::string> types;  // spellings; empty if it has no type
  std::string value;               // in canonical form
};

struct Quantity {
  double number;
  std::string uom;  // empty: a count of instances
};

enum class SensorFact : std::uint8_t {
  kValue,
  kMin,
  kMax,
  kMean,
  kDeviation,
  kPercValue,
  kPercRank
};
// The numbers of a sensorReport by the names that EPCIS 2.0 has for them, in events and in query parameters.
struct SensorName {
  const char* name;
  SensorFact fact;
};
inline constexpr auto kSensorNames = std::to_array<SensorName>({
    {"value", SensorFact::kValue},
    {"minValue", SensorFact::kMin},
    {"maxValue", SensorFact::kMax},
    {"meanValue", SensorFact::kMean},
    {"sDev", SensorFact::kDeviation},
    {"percValue", SensorFact::kPercValue},
    {"percRank", SensorFact::kPercRank},
});
struct SensorNumber {
  SensorFact fact;
  double number;
  std::string uom;
};

// Where an extension field stands.
enum class FieldArea : std::uint8_t {
  kEvent,
  kIlmd,
  kErrorDeclaration,
  kSensorElement,
  kSensorMetadata,
  kSensorReport,
  kReadPoint,
  kBizLocation,
};
struct Field {
  FieldArea area;
  bool inner;  // at any depth inside an extension field of that area
  FieldName name;
  std::vector<FieldValue> values;  // empty of one that holds only other fields
};

struct EventFacts {
  std::array<std::vector<std::string>, kTextFacts> texts;
  std::array<std::vector<std::int64_t>, kTimeFacts> times_ms;
  std::array<std::vector<Identity>, kIdentityLists> identities;
  std::vector<Partner> partners;
  std::vector<Quantity> quantities;
  std::vector<SensorNumber> sensor_numbers;
  std::vector<Field> fields;
  bool has_error_declaration = false;
  bool has_sensor_elements = false;

  const std::vector<std::string>& of(TextFact fact) const {
    return texts[static_cast<std::size_t>(fact)];
  }
  const std::vector<std::int64_t>& of(TimeFact fact) const {
    return times_ms[static_cast<std::size_t>(fact)];
  }
  const std::vector<Identity>& of(IdentityList list) const {
    return identities[static_cast<std::size_t>(list)];
  }
};

// An event may have so many of all the above together, and extension fields nested so deep.
inline constexpr std::size_t kFactsMax = 100'000;
inline constexpr std::size_t kFieldDepthMax = 32;

// `event`: one event of an EPCIS document (EPCIS 2.0 section 10.1), `context`: the document's; an @context inside the
// event comes on top. recordTime is `record_time_ms`, whatever the event says. usage, naming the property, if the event
// is no object, has no type or no readable eventTime, or if a standard property is not of its type; too-large beyond the
// limits above.
Result<EventFacts> facts_of(const Json& event, const Context& context, std::int64_t record_time_ms);

}  // namespace lotmark::epcis
