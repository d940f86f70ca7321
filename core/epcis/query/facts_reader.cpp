#include "core/epcis/query/facts_reader.h"

#include "core/epcis/hash/event_time.h"

namespace lotmark::epcis {

const Json* FactsReader::find(const Json& of, const char* name) const {
  if (error_) return nullptr;
  const auto found = of.find(name);
  return found == of.end() || found->is_null() ? nullptr : &*found;
}

void FactsReader::wrong(const char* name, const char* what) {
  if (!error_) error_ = fail(Errc::kUsage, std::string(name) + " is not " + what);
}

bool FactsReader::one_more() {
  if (++count_ <= kFactsMax) return !error_;
  if (!error_) error_ = fail(Errc::kTooLarge, "the event says more than 100000 things");
  return false;
}

const Json* FactsReader::list(const Json& of, const char* name) {
  const Json* found = find(of, name);
  if (found && !found->is_array()) {
    wrong(name, "a list");
    return nullptr;
  }
  return found;
}

const Json* FactsReader::object(const Json& of, const char* name) {
  const Json* found = find(of, name);
  if (found && !found->is_object()) {
    wrong(name, "an object");
    return nullptr;
  }
  return found;
}

std::optional<double> FactsReader::number(const Json& of, const char* name) {
  const Json* found = find(of, name);
  if (!found) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  wrong(name, "a number");
  return std::nullopt;
}

void FactsReader::text(const Json& of, const char* name, TextFact fact) {
  const Json* found = find(of, name);
  if (!found) return;
  auto& texts = facts_.texts[static_cast<std::size_t>(fact)];
  const auto add = [&](const Json& one) {
    if (!one.is_string()) return wrong(name, "a text or a list of texts");
    if (!one_more()) return;
    for (auto& spelling : spellings(one.get_ref<const std::string&>(), spelling_of(fact), context_))
      texts.push_back(std::move(spelling));
  };
  if (!found->is_array()) return add(*found);
  for (const auto& one : *found) add(one);
}

void FactsReader::time(const Json& of, const char* name, TimeFact fact) {
  const Json* found = find(of, name);
  if (!found) return;
  const auto ms =
      found->is_string() ? event_time_ms(found->get_ref<const std::string&>()) : std::nullopt;
  if (!ms) return wrong(name, "a point in time");
  if (one_more()) facts_.times_ms[static_cast<std::size_t>(fact)].push_back(*ms);
}

void FactsReader::identities(const char* name, IdentityList list_of) {
  const Json* found = find(event_, name);
  if (!found) return;
  auto& out = facts_.identities[static_cast<std::size_t>(list_of)];
  const auto add = [&](const Json& one) {
    if (!one.is_string()) return wrong(name, "a text or a list of texts");
    if (one_more()) out.push_back(Identity::of(one.get_ref<const std::string&>()));
  };
  if (!found->is_array()) return add(*found);
  for (const auto& one : *found) add(one);
}

void FactsReader::quantities(const char* name, IdentityList list_of) {
  const Json* elements = list(event_, name);
  if (!elements) return;
  for (const auto& element : *elements) {
    if (!element.is_object()) return wrong(name, "a list of objects");
    const Json* of_class = find(element, "epcClass");
    if (error_ || !of_class || !of_class->is_string()) return wrong("epcClass", "a text");
    if (!one_more()) return;
    facts_.identities[static_cast<std::size_t>(list_of)].push_back(
        Identity::of(of_class->get_ref<const std::string&>()));
    const auto amount = number(element, "quantity");
    const Json* uom = find(element, "uom");
    if (uom && !uom->is_string()) return wrong("uom", "a text");
    if (amount)
      facts_.quantities.push_back({*amount, uom ? uom->get<std::string>() : std::string()});
  }
}

void FactsReader::partners(const char* name, const char* value_name, PartnerList list_of) {
  const Json* elements = list(event_, name);
  if (!elements) return;
  const auto spelling =
      list_of == PartnerList::kTransactions ? Spelling::kTransactionType : Spelling::kPartyType;
  for (const auto& element : *elements) {
    if (!element.is_object()) return wrong(name, "a list of objects");
    const Json* value = find(element, value_name);
    if (error_ || !value || !value->is_string()) return wrong(value_name, "a text");
    const Json* type = find(element, "type");
    if (type && !type->is_string()) return wrong("type", "a text");
    if (!one_more()) return;
    Partner partner{list_of, {}, Identity::of(value->get_ref<const std::string&>()).canonical};
    if (type) partner.types = spellings(type->get_ref<const std::string&>(), spelling, context_);
    facts_.partners.push_back(std::move(partner));
  }
}

void FactsReader::sensors() {
  const Json* elements = list(event_, "sensorElementList");
  if (!elements) return;
  for (const auto& element : *elements) {
    if (!element.is_object()) return wrong("sensorElementList", "a list of objects");
    facts_.has_sensor_elements = true;
    if (const Json* metadata = object(element, "sensorMetadata")) sensor_metadata(*metadata);
    if (const Json* reports = list(element, "sensorReport")) {
      for (const auto& report : *reports) {
        if (!report.is_object()) return wrong("sensorReport", "a list of objects");
        sensor_report(report);
      }
    }
    fields(element, FieldArea::kSensorElement);
  }
}

void FactsReader::sensor_metadata(const Json& metadata) {
  time(metadata, "time", TimeFact::kSensorTime);
  time(metadata, "startTime", TimeFact::kSensorStart);
  time(metadata, "endTime", TimeFact::kSensorEnd);
  text(metadata, "deviceID", TextFact::kDeviceId);
  text(metadata, "deviceMetadata", TextFact::kDeviceMetadata);
  text(metadata, "rawData", TextFact::kRawData);
  text(metadata, "dataProcessingMethod", TextFact::kProcessingMethod);
  text(metadata, "bizRules", TextFact::kBizRules);
  fields(metadata, FieldArea::kSensorMetadata);
}

void FactsReader::sensor_report(const Json& report) {
  text(report, "type", TextFact::kMeasurement);
  time(report, "time", TimeFact::kSensorTime);
  text(report, "deviceID", TextFact::kDeviceId);
  text(report, "deviceMetadata", TextFact::kDeviceMetadata);
  text(report, "rawData", TextFact::kRawData);
  text(report, "dataProcessingMethod", TextFact::kProcessingMethod);
  text(report, "microorganism", TextFact::kMicroorganism);
  text(report, "chemicalSubstance", TextFact::kChemicalSubstance);
  text(report, "stringValue", TextFact::kStringValue);
  text(report, "hexBinaryValue", TextFact::kHexBinaryValue);
  text(report, "uriValue", TextFact::kUriValue);
  if (const Json* truth = find(report, "booleanValue")) {
    if (!truth->is_boolean()) return wrong("booleanValue", "true or false");
    facts_.texts[static_cast<std::size_t>(TextFact::kBooleanValue)].emplace_back(
        truth->get<bool>() ? "true" : "false");
  }
  const Json* uom = find(report, "uom");
  if (uom && !uom->is_string()) return wrong("uom", "a text");
  const std::string unit = uom ? uom->get<std::string>() : std::string();
  for (const auto& [name, fact] : kSensorNames) {
    const auto found = number(report, name);
    if (found && one_more()) facts_.sensor_numbers.push_back({fact, *found, unit});
  }
  fields(report, FieldArea::kSensorReport);
}

void FactsReader::fields(const Json& of, FieldArea area) {
  for (const auto& [name, value] : of.items()) {
    if (error_) return;
    if (!name.starts_with('@')) field(name, value, area, false, 1);
  }
}

void FactsReader::field(const std::string& name, const Json& value, FieldArea area, bool inner,
                        std::size_t depth) {
  if (auto known = event_field_name(name, context_)) {
    if (!one_more()) return;
    Field out{area, inner, *std::move(known), {}};
    values_of(value, out.values, depth);
    facts_.fields.push_back(std::move(out));
  } else if (!inner) {
    return;  // a standard property
  }
  inner_fields(value, area, depth + 1);
}

void FactsReader::inner_fields(const Json& value, FieldArea area, std::size_t depth) {
  if (error_ || !value.is_structured()) return;
  if (depth > kFieldDepthMax) {
    error_ = fail(Errc::kTooLarge, "extension fields are nested deeper than 32");
    return;
  }
  if (value.is_array()) {
    for (const auto& one : value) inner_fields(one, area, depth + 1);
    return;
  }
  for (const auto& [name, inside] : value.items()) {
    if (error_) return;
    if (!name.starts_with('@')) field(name, inside, area, true, depth);
  }
}

void FactsReader::values_of(const Json& value, std::vector<FieldValue>& values, std::size_t depth) {
  if (error_ || depth > kFieldDepthMax) return;  // inner_fields() tells
  if (value.is_array()) {
    for (const auto& one : value) values_of(one, values, depth + 1);
  } else if (value.is_object()) {  // JSON-LD's typed value
    if (const auto typed = value.find("@value"); typed != value.end())
      values_of(*typed, values, depth + 1);
  } else if (auto scalar = FieldValue::of(value); scalar && one_more()) {
    values.push_back(*std::move(scalar));
  }
}

}  // namespace lotmark::epcis
