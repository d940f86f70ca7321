#include "core/epcis/xml/place.h"

#include <string_view>

#include "core/epcis/xml/names.h"

namespace lotmark::epcis::xml {

namespace {

// Whose elements are one list in the JSON, and have no names there.
bool is_list(std::string_view name) {
  return name.ends_with("List") || name == "childEPCs" || name == "correctiveEventIDs";
}

// What stands beside others of its name, and is a list of that name in the JSON.
bool is_repeated(std::string_view name) {
  return name == "sensorReport" || name == "set" || name == "unset";
}

// Elements before it; with `name`, those of that name.
std::string number_of(const pugi::xml_node& element, const char* name) {
  std::size_t before = 0;
  for (auto at = element.previous_sibling(); at; at = at.previous_sibling()) {
    if (at.type() == pugi::node_element && (name == nullptr || at.name() == std::string_view(name)))
      ++before;
  }
  return std::to_string(before);
}

// No name has a '/' or '~', which a pointer would have to escape.
std::string token_of(std::string_view name) {
  std::string out = shown(name);
  if (out.size() < name.size()) out += "...";
  return out;
}

}  // namespace

std::string place_in_event(pugi::xml_node element, const pugi::xml_node& event) {
  std::string out;
  for (; element && element != event; element = element.parent()) {
    const std::string_view name = element.name();
    if (name == "extension" || name == "baseExtension") continue;
    std::string step = "/";
    if (element.parent() != event && is_list(element.parent().name()))
      step += number_of(element, nullptr);
    else if (is_repeated(name))
      step.append(name).append("/").append(number_of(element, element.name()));
    else step += token_of(name);
    out.insert(0, step);
  }
  return out;
}

}  // namespace lotmark::epcis::xml
