// event_schema.json, compiled in: whether a JSON value is an event or a document of EPCIS 2.0, and if not, where and
// why. Safe to use from many threads at once.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lotmark::epcis {

struct SchemaFault {
  std::string path;    // JSON pointer within the value looked at
  std::string detail;  // what is there, and what may be
};

// Whether to say where and why a value is refused, which takes some ten times as long as to refuse it.
enum class Explain { kNo, kYes };

// `value` goes by its `type`: one of the five of the standard, or the URI of an extension's, of which the standard rules
// only when it happened. Nothing: it is an event. `value` has no more depth than json_text lets in.
std::optional<SchemaFault> check_event(const nlohmann::json& value, Explain explain);

// An EPCISDocument or EPCISQueryDocument by its `type`, all but the events in its list.
std::optional<SchemaFault> check_document(const nlohmann::json& value);

}  // namespace lotmark::epcis
