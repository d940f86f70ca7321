// Events for tests of their hash: as short texts, with the rest of what an event needs put in.
#pragma once

#include <string>

#include "core/epcis/hash/event_hash.h"
#include "tests/must.h"

namespace lotmark::epcis::test {

inline const std::string kHead =
    "eventType=ObjectEventeventTime=2026-03-02T07:15:00.000ZeventTimeZoneOffset=+01:00";

// Prefix ex of a namespace that ends in a slash.
inline Context example_context() {
  return lotmark::test::must(Context::read(Json{{"ex", "https://ns.example/"}}));
}

// An ObjectEvent with `members` ("\"action\": \"ADD\", ...") beside type and time.
inline Json event_with(const std::string& members) {
  auto event = Json::parse(
      R"({"type": "ObjectEvent", "eventTime": "2026-03-02T08:15:00+01:00", "eventTimeZoneOffset": "+01:00")" +
      (members.empty() ? "" : ", " + members) + "}");
  return event;
}

// What `members` add to the string that is hashed; the error's sentence if there is none.
inline std::string added(const std::string& members) {
  const auto text = pre_hash(event_with(members), example_context());
  if (!text) return text.error().message();
  return text->starts_with(kHead) ? text->substr(kHead.size()) : *text;
}

inline bool refused(const std::string& members) {
  return pre_hash(event_with(members), example_context()).code() == Errc::kUsage;
}

}  // namespace lotmark::epcis::test
