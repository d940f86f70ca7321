// What stands in the message of an MQTT device: a number, or JSON with the places of values (JSON Pointer, RFC 6901). Numbers
// are exact to the last digit. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

inline constexpr std::size_t kJsonDepthMax = 32;

class JsonPointer {
 public:
  // "" is the whole document, "/a~1b/0" the first element of the array under "a/b". usage: no pointer.
  static Result<JsonPointer> read(std::string_view text);
  const std::vector<std::string>& tokens() const { return tokens_; }

 private:
  std::vector<std::string> tokens_;
};

// How a value is taken.
struct PayloadValue {
  std::int64_t exp = 0;
  bool round = false;  // else what has more digits is a gap
  bool text = false;   // a text of 1 to 256 bytes, not a number
};

// A value that was found: as text, without quotes.
struct Leaf {
  enum class Kind { kNumber, kText, kFlag, kOther };  // other: null, an array, an object
  Kind kind = Kind::kOther;
  std::string text;
  bool operator==(const Leaf&) const = default;
};

// One for each pointer; nothing where there is no such place. field-range: no JSON, deeper than 32, or one key twice on the way
// to a value.
Result<std::vector<std::optional<Leaf>>> read_json(std::string_view payload,
                                                   const std::vector<JsonPointer>& pointers);
// A quantity in units of 10^exp or a text; true is 1, a number within a text is one too. What is none is not-a-number.
std::variant<std::int64_t, std::string, GapReason> value_of(const Leaf& leaf,
                                                            const PayloadValue& value);
// Of a payload that is the value itself; blanks around it do not count.
Leaf plain_leaf(std::string_view payload);

}  // namespace lotmark::agent
