// EPCIS 2.0's simple event query (section 8.2.7.1): its parameters, typed, from a REST request's query string or from the
// body of a named query. Conditions of different parameters must all hold, of the values of one parameter any may.
//
// As the standard words them, each parameter is judged over the whole event by itself: EQ_type=Temperature with
// GE_value_CEL=8 asks for a report of the type and a report of the value, which may be two reports.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/epcis/context.h"
#include "core/epcis/query/facts.h"

namespace lotmark::epcis {

inline constexpr std::size_t kQueryParametersMax = 64;
inline constexpr std::size_t kQueryValuesMax = 1000;  // of one parameter
inline constexpr std::size_t kQueryTextMax = 2048;    // bytes of one name or value
inline constexpr std::uint64_t kEventCountMax = 1'000'000'000;

using TextSet = std::set<std::string, std::less<>>;

struct TextCondition {
  TextFact fact;
  TextSet values;  // in the one spelling
};
// Of several times or numbers (kEq alone has them) any may hold.
struct TimeCondition {
  TimeFact fact;
  Comparison comparison;
  std::vector<std::int64_t> times_ms;
};
struct IdentityCondition {
  std::vector<IdentityList> lists;  // any of them
  IdentityPatterns patterns;
};
struct QuantityCondition {
  Comparison comparison;
  std::vector<double> numbers;
  std::string uom;  // empty: whatever the unit
};
struct SensorCondition {
  SensorFact fact;
  Comparison comparison;
  std::vector<double> numbers;
  std::string uom;  // empty: whatever the unit
};
struct PartnerCondition {
  PartnerList list;
  std::string type;  // in the one spelling
  TextSet values;
};
struct FieldCondition {
  FieldArea area;
  bool inner;
  FieldName name;
  std::optional<Comparison> comparison;  // without: the field exists
  std::vector<FieldValue> values;
};

enum class OrderBy : std::uint8_t { kEventTime, kRecordTime };

struct SimpleQuery {
  std::vector<TextCondition> texts;
  std::vector<TimeCondition> times;
  std::vector<IdentityCondition> identities;
  std::vector<QuantityCondition> quantities;
  std::vector<SensorCondition> sensors;
  std::vector<PartnerCondition> partners;
  std::vector<FieldCondition> fields;
  bool has_error_declaration = false;
  bool has_sensor_elements = false;
  // HASATTR_ or EQATTR_ was asked: attributes in master data, of which there is none, so that no event qualifies.
  bool asks_master_data = false;

  std::optional<OrderBy> order_by;  // without: any order, which may differ each time
  bool descending = true;
  std::optional<std::uint64_t> event_count_limit;  // at least 1, only with order_by
  std::optional<std::uint64_t> max_event_count;    // at least 1, not with event_count_limit
};

// The parameters of a REST request, names and values decoded; a list's values are joined by '|'. perPage and
// nextPageToken are passed over. usage, naming the parameter, for one that is unknown, given twice or has a bad value,
// and for orderBy a field other than eventTime and recordTime; too-large beyond the limits above.
Result<SimpleQuery> parse_query(const std::vector<std::pair<std::string, std::string>>& parameters);
// The body of a named query: an object as query-schema.json has it. An @context expands prefixes in names and values.
Result<SimpleQuery> parse_query(const Json& query);

// WD_readPoint and WD_bizLocation ask for locations below as well; without master data, which is not kept, a location is
// only itself.
bool matches(const SimpleQuery& query, const EventFacts& facts);

}  // namespace lotmark::epcis
