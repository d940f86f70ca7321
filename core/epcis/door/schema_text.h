// event_schema.json as JSON, and what it says to a sender: its descriptions, looked up by the place at fault.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotmark::epcis {

using Json = nlohmann::json;

// The schema's $defs, by name.
const Json& schema_definitions();

// `part` of the schema with the words that are ours to check under other names ("lotmark:format" for "format").
Json with_our_words(const Json& part);

// What may stand where `steps` (names and indexes) lead from a value of the definition `type`: the description of the
// deepest definition on the way that has one. Empty if none has.
std::string expected_at(std::string_view type, const std::vector<std::string>& steps);

// What does stand there: its text or number, or its kind.
std::string shown_at(const Json& value, const std::vector<std::string>& steps);

// At most 80 bytes of a text, in quotation marks and escaped.
std::string shown(std::string_view text);

}  // namespace lotmark::epcis
