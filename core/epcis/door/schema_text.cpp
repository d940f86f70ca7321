#include "core/epcis/door/schema_text.h"

#include <algorithm>
#include <array>

namespace lotmark::epcis {

namespace {

constexpr const char* kSchemaText =
#include "event_schema.inc"
    ;
constexpr std::size_t kShown = 80;

const Json& resolved(const Json& schema) {
  if (!schema.contains("$ref")) return schema;
  const auto name = schema["$ref"].get<std::string>();
  return schema_definitions()[name.substr(name.rfind('/') + 1)];
}

// One step into a schema, of a name or an index; nothing if it says nothing of what is there.
const Json* into(const Json& schema, const std::string& step) {
  if (schema.contains("items")) return &schema["items"];
  if (schema.contains("properties") && schema["properties"].contains(step))
    return &schema["properties"][step];
  if (!schema.contains("anyOf")) return nullptr;
  for (const auto& way : schema["anyOf"]) {
    if (const Json* next = into(resolved(way), step)) return next;
  }
  return nullptr;
}

}  // namespace

const Json& schema_definitions() {
  static const Json schema = Json::parse(kSchemaText);
  return schema["$defs"];
}

Json with_our_words(const Json& part) {
  constexpr std::array<std::string_view, 5> kWords = {"format", "enum", "uniqueItems", "required",
                                                      "propertyNames"};
  if (part.is_array()) {
    Json out = Json::array();
    for (const auto& element : part) out.push_back(with_our_words(element));
    return out;
  }
  if (!part.is_object()) return part;
  Json out = Json::object();
  for (const auto& [word, value] : part.items()) {
    if (std::ranges::find(kWords, word) != kWords.end()) {
      out["lotmark:" + word] = value;
    } else if (word == "properties") {
      Json& members = out[word] = Json::object();
      for (const auto& [name, member] : value.items()) members[name] = with_our_words(member);
    } else {
      out[word] = with_our_words(value);
    }
  }
  return out;
}

std::string expected_at(std::string_view type, const std::vector<std::string>& steps) {
  std::string out;
  const Json* schema = &schema_definitions()[type];
  for (const auto& step : steps) {
    const Json* next = into(*schema, step);
    if (!next) break;
    schema = &resolved(*next);
    if (schema->contains("description")) out = (*schema)["description"].get<std::string>();
  }
  return out;
}

std::string shown_at(const Json& value, const std::vector<std::string>& steps) {
  const Json* at = &value;
  for (const auto& step : steps) {
    if (at->is_object() && at->contains(step)) at = &(*at)[step];
    else if (at->is_array()) at = &(*at)[std::stoul(step)];
  }
  if (at->is_string()) return shown(at->get_ref<const std::string&>());
  if (at->is_object()) return "an object";
  if (at->is_array()) return at->empty() ? "an empty list" : "a list";
  return at->dump();
}

std::string shown(std::string_view text) {
  std::string out(text.substr(0, kShown));
  if (text.size() > kShown) out += "...";
  return Json(out).dump(-1, ' ', false, Json::error_handler_t::ignore);
}

}  // namespace lotmark::epcis
