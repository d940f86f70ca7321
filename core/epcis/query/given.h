// What a request gives for one parameter, before it is known what the parameter wants: the same shape from a REST
// request, where all is text, and from a named query's JSON.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/epcis/context.h"

namespace lotmark::epcis {

struct GivenValue {
  enum class Type { kText, kNumber, kTruth, kNull };
  Type type = Type::kText;
  std::string text;
  double number = 0;
  bool truth = false;
};

struct Given {
  std::string name;
  std::vector<GivenValue> values;
  bool typed = false;  // from JSON: a text is no number

  // usage, naming the parameter, unless it has exactly one value.
  Result<GivenValue> single() const;
  Result<double> number(const GivenValue& value) const;
  Result<std::int64_t> time_ms(const GivenValue& value) const;
  // From 1 to kEventCountMax.
  Result<std::uint64_t> count() const;
  // true, 1, null and an empty text mean yes; false and 0 no (query-schema.json has an integer or null here, openapi.json
  // a boolean, the standard nothing at all).
  Result<bool> presence() const;
  Result<std::string> text(const GivenValue& value) const;
  Error bad(const std::string& why) const;
};

// Within the limits of query.h and in UTF-8; no name twice. perPage and kin are still among them.
Result<std::vector<Given>> given_in(
    const std::vector<std::pair<std::string, std::string>>& parameters);
Result<std::vector<Given>> given_in(const Json& query);

}  // namespace lotmark::epcis
