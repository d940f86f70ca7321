// Rows of events that may match a query, in order, as the index of terms gives them. docs/operate/api.md (queries).
#pragma once

#include "core/epcis/query/terms.h"
#include "core/store/database.h"

namespace lotmark::node {

// Where an event stands in an order: by eventTime, or by capture (then key is 0).
struct EventPlace {
  std::int64_t key = 0;  // eventTime, ms UTC
  std::uint64_t n = 0;   // its row
  auto operator<=>(const EventPlace&) const = default;
};

struct TimeSpan {
  std::int64_t from = INT64_MIN;   // ms UTC
  std::int64_t until = INT64_MAX;  // from here on no more
};

// Events that have one of several terms, by eventTime, each once.
class TermRun {
 public:
  // `after`: the last place that was given; what stands at or before it, in the order, is left out.
  static Result<TermRun> open(const store::Database& db, const std::vector<epcis::Term>& terms,
                              TimeSpan span, bool descending, std::optional<EventPlace> after);
  Result<std::optional<EventPlace>> next();

 private:
  struct Row {
    store::Query query;
    std::optional<EventPlace> at;
  };
  explicit TermRun(bool descending) : descending_(descending) {}
  Status advance(Row& row);
  std::vector<Row> rows_;
  bool descending_;
};

// How many rows a list of terms has within a span, counted up to `most`.
Result<std::uint64_t> count_rows(const store::Database& db, const std::vector<epcis::Term>& terms,
                                 TimeSpan span, std::uint64_t most);
// Whether an event has one of these terms.
Result<bool> has_one(const store::Database& db, const std::vector<epcis::Term>& terms,
                     const EventPlace& event);

}  // namespace lotmark::node
