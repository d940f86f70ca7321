#include "core/epcis/xml/extension.h"

#include "core/epcis/xml/scan.h"

namespace lotmark::epcis::xml {

namespace {

constexpr Name kValue{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "value"};
constexpr std::string_view kFutureSpace = "https://ref.gs1.org/epcis/";

Result<std::string> property_of(Walk& walk, const Part& part, const Name& name) {
  auto property = walk.names().property(name);
  if (!property) return walk.fault(part, property.error().text, property.code());
  return property;
}

// One more value of a property: the second makes it an array.
void add_value(Json& object, const std::string& property, Json value) {
  if (!object.contains(property)) {
    object[property] = std::move(value);
    return;
  }
  Json& there = object[property];
  if (!there.is_array()) there = Json::array({std::move(there)});
  there.push_back(std::move(value));
}

// `name` with the namespace of `owner` if it has none.
Name owned(Name name, const Name& owner) {
  if (!name.space.empty()) return name;
  return {owner.prefix, owner.space, name.local};
}

// `name` is the element's, completed.
Result<Json> value_of(Walk& walk, const Part& part, const Name& name) {
  Json object = Json::object();
  LM_TRY(walk.attributes(part, [&](const Name& attribute, std::string_view value) -> Status {
    LM_ASSIGN(const auto property, property_of(walk, part, owned(attribute, name)));
    add_value(object, property, value);
    return {};
  }));
  LM_TRY(walk.children(part, [&](const Part& child) -> Status {
    const Name inner = owned(child.name, name);
    LM_ASSIGN(const auto property, property_of(walk, child, inner));
    LM_ASSIGN(auto value, value_of(walk, child, inner));
    add_value(object, property, std::move(value));
    return {};
  }));
  std::string text = text_of(part.node);
  if (object.empty()) return Json(std::move(text));
  if (is_blank(text)) return object;
  LM_ASSIGN(const auto property, property_of(walk, part, kValue));
  add_value(object, property, trimmed(text));
  return object;
}

Status put_element(Walk& walk, const Part& part, const Name& name, Json& into) {
  LM_ASSIGN(const auto property, property_of(walk, part, name));
  LM_ASSIGN(auto value, value_of(walk, part, name));
  add_value(into, property, std::move(value));
  return {};
}

}  // namespace

Status put_foreign(Walk& walk, const Part& part, Json& into) {
  return put_element(walk, part, part.name, into);
}

Status put_future(Walk& walk, const Part& part, Json& into) {
  return put_element(walk, part, {"epcis", kFutureSpace, part.name.local}, into);
}

Status put_attribute(Walk& walk, const Part& part, const Name& name, std::string_view value,
                     Json& into) {
  if (name.space.empty()) {
    return walk.fault(part, "EPCIS has no attribute " + shown(name.local) + " there");
  }
  LM_ASSIGN(const auto property, property_of(walk, part, name));
  add_value(into, property, value);
  return {};
}

Status put_attributes(Walk& walk, const Part& part, Json& into) {
  return walk.attributes(part, [&](const Name& name, std::string_view value) {
    return put_attribute(walk, part, name, value, into);
  });
}

}  // namespace lotmark::epcis::xml
