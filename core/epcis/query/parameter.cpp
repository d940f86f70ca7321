#include "core/epcis/query/parameter.h"

#include <algorithm>

namespace lotmark::epcis {

namespace {

struct FixedText {
  std::string_view name;
  TextFact fact;
};
// EQ_deviceMetadata and EQ_rawData are not in GS1's schema; its conformance test TCR53, step 28, asks for them.
constexpr auto kFixedTexts = std::to_array<FixedText>({
    {"eventType", TextFact::kEventType},
    {"EQ_action", TextFact::kAction},
    {"EQ_bizStep", TextFact::kBizStep},
    {"EQ_disposition", TextFact::kDisposition},
    {"EQ_persistentDisposition_set", TextFact::kDispositionSet},
    {"EQ_persistentDisposition_unset", TextFact::kDispositionUnset},
    {"EQ_readPoint", TextFact::kReadPoint},
    {"WD_readPoint", TextFact::kReadPoint},
    {"EQ_bizLocation", TextFact::kBizLocation},
    {"WD_bizLocation", TextFact::kBizLocation},
    {"EQ_transformationID", TextFact::kTransformationId},
    {"EQ_eventID", TextFact::kEventId},
    {"EQ_errorReason", TextFact::kErrorReason},
    {"EQ_correctiveEventID", TextFact::kCorrectiveEventId},
    {"EQ_type", TextFact::kMeasurement},
    {"EQ_deviceID", TextFact::kDeviceId},
    {"EQ_deviceMetadata", TextFact::kDeviceMetadata},
    {"EQ_rawData", TextFact::kRawData},
    {"EQ_dataProcessingMethod", TextFact::kProcessingMethod},
    {"EQ_microorganism", TextFact::kMicroorganism},
    {"EQ_chemicalSubstance", TextFact::kChemicalSubstance},
    {"EQ_bizRules", TextFact::kBizRules},
    {"EQ_stringValue", TextFact::kStringValue},
    {"EQ_hexBinaryValue", TextFact::kHexBinaryValue},
    {"EQ_uriValue", TextFact::kUriValue},
    {"EQ_booleanValue", TextFact::kBooleanValue},
});

struct FixedTime {
  std::string_view name;  // behind GE_ and LT_
  TimeFact fact;
};
// openapi.json writes errorDeclarationTime, query-schema.json errorDeclaration_Time.
constexpr auto kFixedTimes = std::to_array<FixedTime>({
    {"eventTime", TimeFact::kEventTime},
    {"recordTime", TimeFact::kRecordTime},
    {"errorDeclarationTime", TimeFact::kErrorDeclarationTime},
    {"errorDeclaration_Time", TimeFact::kErrorDeclarationTime},
    {"time", TimeFact::kSensorTime},
    {"startTime", TimeFact::kSensorStart},
    {"endTime", TimeFact::kSensorEnd},
});

struct FixedKind {
  std::string_view name;
  ParameterKind kind;
};
// EXISTS_sensorElement is TCR53's name (step 3) for the schema's EXISTS_sensorElementList.
constexpr auto kFixedKinds = std::to_array<FixedKind>({
    {"EXISTS_errorDeclaration", ParameterKind::kErrorDeclarationExists},
    {"EXISTS_sensorElementList", ParameterKind::kSensorElementsExist},
    {"EXISTS_sensorElement", ParameterKind::kSensorElementsExist},
    {"orderBy", ParameterKind::kOrderBy},
    {"orderDirection", ParameterKind::kOrderDirection},
    {"eventCountLimit", ParameterKind::kEventCountLimit},
    {"maxEventCount", ParameterKind::kMaxEventCount},
    {"perPage", ParameterKind::kPassedOver},
    {"nextPageToken", ParameterKind::kPassedOver},
});

struct AreaPrefix {
  std::string_view text;
  FieldArea area;
};
constexpr auto kAreas = std::to_array<AreaPrefix>({
    {"ILMD_", FieldArea::kIlmd},
    {"ERROR_DECLARATION_", FieldArea::kErrorDeclaration},
    {"SENSORELEMENT_", FieldArea::kSensorElement},
    {"SENSORMETADATA_", FieldArea::kSensorMetadata},
    {"SENSORREPORT_", FieldArea::kSensorReport},
    {"readPoint_", FieldArea::kReadPoint},
    {"bizLocation_", FieldArea::kBizLocation},
});

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<Comparison> take_comparison(std::string_view& name) {
  if (take(name, "EQ_")) return Comparison::kEq;
  if (take(name, "GT_")) return Comparison::kGt;
  if (take(name, "GE_")) return Comparison::kGe;
  if (take(name, "LT_")) return Comparison::kLt;
  if (take(name, "LE_")) return Comparison::kLe;
  return std::nullopt;
}

// Codes of Rec 20 as query-schema.json has them: two to four capitals and digits.
bool is_unit_code(std::string_view text) {
  return text.size() >= 2 && text.size() <= 4 && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

std::optional<Parameter> match_parameter(std::string_view name) {
  using L = IdentityList;
  Parameter out{ParameterKind::kIdentity};
  if (name == "MATCH_epc") out.lists = {L::kEpcs, L::kChildren};
  else if (name == "MATCH_parentID") out.lists = {L::kParent};
  else if (name == "MATCH_inputEPC") out.lists = {L::kInputs};
  else if (name == "MATCH_outputEPC") out.lists = {L::kOutputs};
  else if (name == "MATCH_anyEPC")
    out.lists = {L::kEpcs, L::kChildren, L::kParent, L::kInputs, L::kOutputs};
  else if (name == "MATCH_epcClass") out.lists = {L::kClasses, L::kChildClasses};
  else if (name == "MATCH_inputEPCClass") out.lists = {L::kInputClasses};
  else if (name == "MATCH_outputEPCClass") out.lists = {L::kOutputClasses};
  else if (name == "MATCH_anyEPCClass")
    out.lists = {L::kClasses, L::kChildClasses, L::kInputClasses, L::kOutputClasses};
  else return std::nullopt;
  return out;
}

// GE_eventTime, LT_recordTime; of the sensor's time also EQ_ (TCR53, step 28).
std::optional<Parameter> time_parameter(Comparison comparison, std::string_view rest) {
  const auto found = std::ranges::find(kFixedTimes, rest, &FixedTime::name);
  if (found == kFixedTimes.end()) return std::nullopt;
  const bool known = comparison == Comparison::kGe || comparison == Comparison::kLt ||
                     (comparison == Comparison::kEq && found->fact == TimeFact::kSensorTime);
  if (!known) return std::nullopt;
  return Parameter{ParameterKind::kTime, static_cast<std::uint8_t>(found->fact), comparison};
}

// quantity, quantity_KGM, value_CEL, percRank; TCR53 (steps 23, 25) also asks for sDev and percValue without unit.
std::optional<Parameter> number_parameter(Comparison comparison, std::string_view rest) {
  const auto cut = rest.find('_');
  const auto name = rest.substr(0, cut);
  const auto unit = cut == std::string_view::npos ? std::string_view{} : rest.substr(cut + 1);
  if (cut != std::string_view::npos && !is_unit_code(unit)) return std::nullopt;
  Parameter out{ParameterKind::kQuantity, 0, comparison};
  out.rest = std::string(unit);
  if (name == "quantity") return out;
  const auto found =
      std::ranges::find_if(kSensorNames, [&](const auto& s) { return name == s.name; });
  if (found == kSensorNames.end()) return std::nullopt;
  const bool rank = found->fact == SensorFact::kPercRank;
  const bool bare =
      rank || found->fact == SensorFact::kDeviation || found->fact == SensorFact::kPercValue;
  if (unit.empty() ? !bare : rank) return std::nullopt;
  out.kind = ParameterKind::kSensor;
  out.fact = static_cast<std::uint8_t>(found->fact);
  return out;
}

std::optional<Parameter> partner_parameter(std::string_view rest) {
  Parameter out{ParameterKind::kPartner};
  if (take(rest, "bizTransaction_"))
    out.fact = static_cast<std::uint8_t>(PartnerList::kTransactions);
  else if (take(rest, "source_")) out.fact = static_cast<std::uint8_t>(PartnerList::kSources);
  else if (take(rest, "destination_"))
    out.fact = static_cast<std::uint8_t>(PartnerList::kDestinations);
  else return std::nullopt;
  if (rest.empty()) return std::nullopt;
  out.rest = std::string(rest);
  return out;
}

// [INNER_][ILMD_ and kin]prefix:local. readPoint_ and bizLocation_ have EQ_ alone.
std::optional<Parameter> field_parameter(std::optional<Comparison> comparison,
                                         std::string_view rest) {
  Parameter out{comparison ? ParameterKind::kField : ParameterKind::kFieldExists};
  out.comparison = comparison.value_or(Comparison::kEq);
  out.inner = take(rest, "INNER_");
  for (const auto& area : kAreas) {
    if (!take(rest, area.text)) continue;
    out.area = area.area;
    break;
  }
  const bool place = out.area == FieldArea::kReadPoint || out.area == FieldArea::kBizLocation;
  if (place && comparison != Comparison::kEq) return std::nullopt;
  if (rest.find(':') == std::string_view::npos) return std::nullopt;
  out.rest = std::string(rest);
  return out;
}

}  // namespace

std::optional<Parameter> parameter_of(std::string_view name) {
  if (const auto text = std::ranges::find(kFixedTexts, name, &FixedText::name);
      text != kFixedTexts.end())
    return Parameter{ParameterKind::kText, static_cast<std::uint8_t>(text->fact)};
  if (const auto fixed = std::ranges::find(kFixedKinds, name, &FixedKind::name);
      fixed != kFixedKinds.end())
    return Parameter{fixed->kind};
  if (auto match = match_parameter(name)) return match;
  // EQ_ATTR_ is how query-schema.json writes the standard's EQATTR_.
  for (const std::string_view family : {"HASATTR_", "EQATTR_", "EQ_ATTR_"}) {
    std::string_view rest = name;
    if (!take(rest, family)) continue;
    const bool whole = !rest.empty() && (family == "HASATTR_" || rest.find('_') < rest.size() - 1);
    return whole ? std::optional(Parameter{ParameterKind::kMasterData}) : std::nullopt;
  }
  std::string_view rest = name;
  if (take(rest, "EXISTS_")) return field_parameter(std::nullopt, rest);
  const auto comparison = take_comparison(rest);
  if (!comparison) return std::nullopt;
  if (auto time = time_parameter(*comparison, rest)) return time;
  if (auto number = number_parameter(*comparison, rest)) return number;
  if (*comparison == Comparison::kEq) {
    if (auto partner = partner_parameter(rest)) return partner;
  }
  return field_parameter(comparison, rest);
}

}  // namespace lotmark::epcis
