// JSON from a stranger (RFC 8259), read once and strictly: UTF-8, no name twice in an object, and bounded in what it
// makes. The reader keeps its place on the heap, so that depth takes no stack.
//
// Numbers: integers within 64 bits stay exact; longer ones are refused, as are numbers too large for a double. U+0000 in
// a text or a name is refused, which no XML and so no EPCIS text can have. A byte order mark at the front is read over.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lotmark::epcis {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t depth = 32;          // arrays and objects within one another
  std::size_t values = 1'000'000;  // of any kind; what a document takes in memory goes by these
};

struct JsonFault {
  bool limit = false;  // well-formed as far as read, but too much of it
  std::string path;    // JSON pointer (RFC 6901) of the place at fault
  std::string detail;
};

std::variant<Json, JsonFault> read_json(std::string_view text, const JsonLimits& limits);

// The same demands on a value made by a program, where they can be broken at all. Nothing: it keeps them.
std::optional<JsonFault> check_json(const Json& made, const JsonLimits& limits);

// The texts of the elements of the array that `names` lead to, from object to object, exactly as they stand. `text` is
// JSON that read_json took; nothing if no array is there. Views into `text`.
std::vector<std::string_view> elements_of(std::string_view text,
                                          const std::vector<std::string_view>& names);

// Without the mark and the white space around it.
std::string_view bare(std::string_view text);

// "a/b" as "a~1b".
std::string pointer_token(std::string_view name);

}  // namespace lotmark::epcis
