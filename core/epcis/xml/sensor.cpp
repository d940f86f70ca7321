#include <algorithm>
#include <span>

#include "core/epcis/xml/extension.h"
#include "core/epcis/xml/fields.h"

namespace lotmark::epcis::xml {

namespace {

enum class Form { kText, kNumber, kBoolean, kSensorWord, kComponentWord };

struct SensorValue {
  std::string_view name;
  Form form = Form::kText;
};

constexpr SensorValue kMetadata[] = {
    {"time"},      {"deviceID"}, {"deviceMetadata"},       {"rawData"},
    {"startTime"}, {"endTime"},  {"dataProcessingMethod"}, {"bizRules"},
};

constexpr SensorValue kReport[] = {
    {"type", Form::kSensorWord},
    {"exception", Form::kSensorWord},
    {"deviceID"},
    {"deviceMetadata"},
    {"rawData"},
    {"dataProcessingMethod"},
    {"bizRules"},
    {"time"},
    {"microorganism"},
    {"chemicalSubstance"},
    {"coordinateReferenceSystem"},
    {"value", Form::kNumber},
    {"component", Form::kComponentWord},
    {"stringValue"},
    {"booleanValue", Form::kBoolean},
    {"hexBinaryValue"},
    {"uriValue"},
    {"minValue", Form::kNumber},
    {"maxValue", Form::kNumber},
    {"meanValue", Form::kNumber},
    {"sDev", Form::kNumber},
    {"percRank", Form::kNumber},
    {"percValue", Form::kNumber},
    {"uom"},
};

std::optional<Json> sensor_value(Form form, std::string_view text) {
  switch (form) {
    case Form::kText: return Json(text);
    case Form::kNumber: return number(trimmed(text), true);
    case Form::kBoolean: return boolean(trimmed(text));
    case Form::kSensorWord: return Json(bare_word(Vocabulary::kSensor, trimmed(text)));
    case Form::kComponentWord: return Json(bare_word(Vocabulary::kComponent, trimmed(text)));
  }
  return std::nullopt;
}

// An element whose attributes are its values.
Result<Json> read_values(Walk& walk, const Part& part, std::span<const SensorValue> values) {
  Json out = Json::object();
  LM_TRY(walk.parts(part, [&](const Part& child) { return Status(walk.unknown(child, part)); }));
  LM_TRY(walk.attributes(part, [&](const Name& name, std::string_view text) -> Status {
    const auto known = std::ranges::find(values, name.local, &SensorValue::name);
    if (!name.space.empty() || known == values.end())
      return put_attribute(walk, part, name, text, out);
    auto value = sensor_value(known->form, text);
    if (!value) return walk.fault(part, std::string(name.local) + " is not what it has to be");
    out[std::string(name.local)] = *std::move(value);
    return {};
  }));
  return out;
}

Status put_sensor_part(Walk& walk, const Part& part, const Part& inside, Json& into) {
  if (!part.is_standard()) return put_foreign(walk, part, into);
  if (part.is("extension")) {
    LM_TRY(put_attributes(walk, part, into));
    return walk.parts(part, [&](const Part& child) -> Status {
      return child.is_standard() ? put_future(walk, child, into) : put_foreign(walk, child, into);
    });
  }
  if (part.is("sensorMetadata")) {
    if (into.contains("sensorMetadata")) return walk.fault(part, "there are two of it");
    LM_ASSIGN(into["sensorMetadata"], read_values(walk, part, kMetadata));
    return {};
  }
  if (!part.is("sensorReport")) return walk.unknown(part, inside);
  LM_ASSIGN(auto report, read_values(walk, part, kReport));
  into["sensorReport"].push_back(std::move(report));
  return {};
}

}  // namespace

Result<Json> read_sensors(Walk& walk, const Part& part) {
  Json out = Json::array();
  LM_TRY(walk.no_attributes(part));
  LM_TRY(walk.parts(part, [&](const Part& child) -> Status {
    if (!child.is("sensorElement")) return walk.unknown(child, part);
    Json element = Json::object();
    LM_TRY(put_attributes(walk, child, element));
    LM_TRY(walk.parts(
        child, [&](const Part& inner) { return put_sensor_part(walk, inner, child, element); }));
    out.push_back(std::move(element));
    return {};
  }));
  return out;
}

}  // namespace lotmark::epcis::xml
