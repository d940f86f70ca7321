// Documents to send, from events of cases.json.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/epcis/door/door.h"

namespace lotmark::epcis::test {

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline const Json& cases() {
  static const Json all =
      Json::parse(file_text(LOTMARK_SOURCE_DIR "/tests/unit/epcis_door/cases.json"));
  return all;
}

inline Json event(const std::string& base, const Json& patch = Json::object()) {
  Json out = cases()["bases"][base];
  out.merge_patch(patch);
  return out;
}

// Of texts of events, as they are.
inline std::string document(const std::vector<std::string>& events) {
  std::string list;
  for (const auto& text : events) list += (list.empty() ? "" : ",\n  ") + text;
  return R"({"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",)"
         R"( {"farm": "https://farm.example/ns/"}],)"
         R"( "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-02-03T09:00:00Z",)"
         R"( "epcisBody": {"eventList": [)" +
         list + "]}}";
}

// As inside a document: without a @context of its own.
inline Json inner(const std::string& base, Json patch = Json::object()) {
  patch["@context"] = nullptr;
  return event(base, patch);
}

// The Fault of a whole body; one with status 0 if it was taken.
template <class T>
Fault fault_of(const std::variant<T, Fault>& outcome) {
  const auto* fault = std::get_if<Fault>(&outcome);
  return fault ? *fault : Fault{0, "", "", "it was taken"};
}

}  // namespace lotmark::epcis::test
