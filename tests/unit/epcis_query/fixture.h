// Events of an invented producer of vaccines and herbs, and short ways to ask for them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/epcis/query/query.h"
#include "core/epcis/query/terms.h"
#include "tests/must.h"

namespace lotmark::epcis {

using test::must;
using Asked = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::int64_t kRecorded = 1'780'000'000'000;  // 2026-05-28T20:26:40Z

// The properties given, on top of what each event has.
inline Json event_with(const char* properties) {
  Json event = Json::parse(R"({"type": "ObjectEvent", "action": "OBSERVE",
      "eventTime": "2026-03-04T11:00:30.000+01:00", "eventTimeZoneOffset": "+01:00"})");
  event.update(Json::parse(properties));
  return event;
}

// What an EPCIS document of ours begins with.
inline Context document_context() {
  return must(Context::read(Json::parse(
      R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
          {"farm": "https://ns.farm.example/epcis/", "lab": "https://ns.lab.example/v1#"}])")));
}

inline EventFacts facts_from(const Json& event) {
  return must(facts_of(event, document_context(), kRecorded));
}

// Whether the query finds the event; and that its terms do not lose what it finds.
inline bool query_finds(const SimpleQuery& query, const Json& event) {
  const EventFacts facts = facts_from(event);
  const bool found = matches(query, facts);
  const auto terms = terms_of(facts);
  for (const auto& any_of : needed_terms(query)) {
    const bool there = std::ranges::any_of(
        any_of, [&](Term term) { return std::ranges::binary_search(terms, term); });
    EXPECT_TRUE(there || !found) << "a needed term is missing in " << event.dump();
  }
  return found;
}
inline bool finds(const Asked& asked, const Json& event) {
  return query_finds(must(parse_query(asked)), event);
}
inline bool named_finds(const char* query, const Json& event) {
  return query_finds(must(parse_query(Json::parse(query))), event);
}

inline Errc refused(const Asked& asked) { return parse_query(asked).code(); }
inline Errc named_refused(const char* query) { return parse_query(Json::parse(query)).code(); }

}  // namespace lotmark::epcis
