#include "tests/unit/api_epcis/derived.h"

namespace lotmark::api::epcis::test {

namespace {

using lotmark::epcis::Json;

class Deriving {
 public:
  std::vector<std::pair<std::string, std::string>> take() { return std::move(out_); }

  void words(const Json& event);
  void identifiers(const Json& event);
  void quantities(const Json& event);
  void partners(const Json& event);
  void errors(const Json& event);
  void sensors(const Json& event);
  void fields(const Json& holder, const std::string& area);

 private:
  // A list's values are joined by '|': one that has it cannot be asked for.
  void add(const std::string& name, const Json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (!text.empty() && text.find('|') == std::string::npos) out_.emplace_back(name, text);
  }
  void add_each(const std::string& name, const Json& holder, const char* key) {
    const auto at = holder.find(key);
    if (at == holder.end()) return;
    if (!at->is_array()) return add(name, *at);
    for (const auto& value : *at) add(name, value);
  }
  // From that very time on, which is included.
  void add_time(const std::string& name, const Json& holder, const char* key) {
    if (!holder.contains(key)) return;
    add("GE_" + name, holder[key]);
    add("LT_" + name, "9999-12-31T00:00:00Z");
  }
  void inner_fields(const Json& value, const std::string& area);

  std::vector<std::pair<std::string, std::string>> out_;
};

bool is_extension(const std::string& name) {
  return name.find(':') != std::string::npos && name.front() != '@';
}

void Deriving::words(const Json& e) {
  add("eventType", e["type"]);
  add_time("eventTime", e, "eventTime");
  add_each("EQ_action", e, "action");
  add_each("EQ_bizStep", e, "bizStep");
  add_each("EQ_disposition", e, "disposition");
  if (e.contains("persistentDisposition")) {
    add_each("EQ_persistentDisposition_set", e["persistentDisposition"], "set");
    add_each("EQ_persistentDisposition_unset", e["persistentDisposition"], "unset");
  }
  for (const char* place : {"readPoint", "bizLocation"}) {
    if (!e.contains(place)) continue;
    add_each(std::string("EQ_") + place, e[place], "id");
    add_each(std::string("WD_") + place, e[place], "id");
  }
  add_each("EQ_transformationID", e, "transformationID");
  add_each("EQ_eventID", e, "eventID");
}

void Deriving::identifiers(const Json& e) {
  constexpr std::pair<const char*, const char*> kLists[] = {{"MATCH_epc", "epcList"},
                                                            {"MATCH_epc", "childEPCs"},
                                                            {"MATCH_parentID", "parentID"},
                                                            {"MATCH_inputEPC", "inputEPCList"},
                                                            {"MATCH_outputEPC", "outputEPCList"}};
  for (const auto& [name, key] : kLists) {
    add_each(name, e, key);
    add_each("MATCH_anyEPC", e, key);
  }
}

void Deriving::quantities(const Json& e) {
  constexpr std::pair<const char*, const char*> kLists[] = {
      {"MATCH_epcClass", "quantityList"},
      {"MATCH_epcClass", "childQuantityList"},
      {"MATCH_inputEPCClass", "inputQuantityList"},
      {"MATCH_outputEPCClass", "outputQuantityList"}};
  for (const auto& [name, key] : kLists) {
    if (!e.contains(key)) continue;
    for (const auto& q : e[key]) {
      add_each(name, q, "epcClass");
      add_each("MATCH_anyEPCClass", q, "epcClass");
      for (const char* comparison : {"EQ", "GE", "LE"})
        add_each(std::string(comparison) + "_quantity", q, "quantity");
      if (q.contains("uom") && q.contains("quantity"))
        add_each("EQ_quantity_" + q["uom"].get<std::string>(), q, "quantity");
    }
  }
}

void Deriving::partners(const Json& e) {
  constexpr std::pair<const char*, const char*> kLists[] = {
      {"bizTransactionList", "bizTransaction"},
      {"sourceList", "source"},
      {"destinationList", "destination"}};
  for (const auto& [list, key] : kLists) {
    if (!e.contains(list)) continue;
    for (const auto& x : e[list]) {
      if (x.contains("type"))
        add_each(std::string("EQ_") + key + "_" + x["type"].get<std::string>(), x, key);
    }
  }
}

void Deriving::errors(const Json& e) {
  if (!e.contains("errorDeclaration")) return;
  const Json& declared = e["errorDeclaration"];
  add("EXISTS_errorDeclaration", "true");
  add_each("EQ_errorReason", declared, "reason");
  add_each("EQ_correctiveEventID", declared, "correctiveEventIDs");
  add_time("errorDeclarationTime", declared, "declarationTime");
}

void Deriving::sensors(const Json& e) {
  if (!e.contains("sensorElementList")) return;
  constexpr std::pair<const char*, const char*> kTexts[] = {
      {"EQ_deviceID", "deviceID"},
      {"EQ_deviceMetadata", "deviceMetadata"},
      {"EQ_rawData", "rawData"},
      {"EQ_dataProcessingMethod", "dataProcessingMethod"},
      {"EQ_bizRules", "bizRules"},
      {"EQ_microorganism", "microorganism"},
      {"EQ_chemicalSubstance", "chemicalSubstance"},
      {"EQ_stringValue", "stringValue"},
      {"EQ_hexBinaryValue", "hexBinaryValue"},
      {"EQ_uriValue", "uriValue"},
      {"EQ_booleanValue", "booleanValue"}};
  const auto texts = [&](const Json& x) {
    for (const auto& [name, key] : kTexts) add_each(name, x, key);
  };
  for (const auto& element : e["sensorElementList"]) {
    if (element.contains("sensorMetadata")) {
      const Json& metadata = element["sensorMetadata"];
      texts(metadata);
      add_time("startTime", metadata, "startTime");
      add_time("endTime", metadata, "endTime");
    }
    for (const auto& report : element["sensorReport"]) {
      texts(report);
      add_each("EQ_type", report, "type");
      if (!report.contains("uom")) continue;
      for (const char* key : {"value", "minValue", "maxValue", "meanValue", "sDev", "percValue"}) {
        for (const char* comparison : {"EQ_", "GE_", "LE_"})
          add_each(comparison + std::string(key) + "_" + report["uom"].get<std::string>(), report,
                   key);
      }
    }
  }
}

void Deriving::fields(const Json& holder, const std::string& area) {
  for (const auto& [name, value] : holder.items()) {
    if (!is_extension(name)) continue;
    add("EXISTS_" + area + name, "true");
    if (value.is_primitive() && !value.is_null()) add("EQ_" + area + name, value);
    inner_fields(value, area);
  }
}

void Deriving::inner_fields(const Json& value, const std::string& area) {
  if (value.is_array()) {
    for (const auto& x : value) inner_fields(x, area);
  }
  if (!value.is_object()) return;
  for (const auto& [name, inner] : value.items()) {
    if (is_extension(name)) {
      add("EXISTS_INNER_" + area + name, "true");
      if (inner.is_primitive() && !inner.is_null()) add("EQ_INNER_" + area + name, inner);
    }
    inner_fields(inner, area);
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> derived_parameters(const Json& event) {
  Deriving out;
  out.words(event);
  out.identifiers(event);
  out.quantities(event);
  out.partners(event);
  out.errors(event);
  out.sensors(event);
  out.fields(event, "");
  if (event.contains("ilmd")) out.fields(event["ilmd"], "ILMD_");
  return out.take();
}

}  // namespace lotmark::api::epcis::test
