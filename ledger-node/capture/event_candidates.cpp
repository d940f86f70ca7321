#include "ledger-node/capture/event_candidates.h"

#include <algorithm>

namespace lotmark::node {

Result<TermRun> TermRun::open(const store::Database& db, const std::vector<epcis::Term>& terms,
                              TimeSpan span, bool descending, std::optional<EventPlace> after) {
  TermRun run(descending);
  // SQLite finds a row by its bounds of t, and goes through what lies between them and (t, n).
  if (after && descending && after->key < span.until) span.until = after->key + 1;
  if (after && !descending) span.from = std::max(span.from, after->key);
  const std::string_view sql =
      descending
          ? "SELECT t, n FROM event_term WHERE h = ? AND t >= ? AND t < ? AND (t, n) < (?, ?) "
            "ORDER BY t DESC, n DESC"
          : "SELECT t, n FROM event_term WHERE h = ? AND t >= ? AND t < ? AND (t, n) > (?, ?) "
            "ORDER BY t, n";
  const EventPlace edge =
      after.value_or(descending ? EventPlace{INT64_MAX, INT64_MAX} : EventPlace{INT64_MIN, 0});
  for (const auto term : terms) {
    LM_ASSIGN(auto q, db.prepare(sql));
    q.bind(1, static_cast<std::int64_t>(term)).bind(2, span.from).bind(3, span.until);
    q.bind(4, edge.key).bind(5, edge.n);
    run.rows_.push_back({std::move(q), std::nullopt});
    LM_TRY(run.advance(run.rows_.back()));
  }
  return run;
}

Status TermRun::advance(Row& row) {
  LM_ASSIGN(const bool there, row.query.step());
  row.at = there ? std::optional(EventPlace{row.query.integer(0), row.query.u64(1)}) : std::nullopt;
  return {};
}

Result<std::optional<EventPlace>> TermRun::next() {
  std::optional<EventPlace> best;
  for (const auto& row : rows_) {
    if (!row.at) continue;
    if (!best || (descending_ ? *row.at > *best : *row.at < *best)) best = row.at;
  }
  if (!best) return best;
  for (auto& row : rows_) {
    if (row.at == best) LM_TRY(advance(row));
  }
  return best;
}

Result<std::uint64_t> count_rows(const store::Database& db, const std::vector<epcis::Term>& terms,
                                 TimeSpan span, std::uint64_t most) {
  LM_ASSIGN(auto q,
            db.prepare("SELECT count(*) FROM (SELECT 1 FROM event_term WHERE h = ? AND t >= "
                       "? AND t < ? LIMIT ?)"));
  std::uint64_t sum = 0;
  for (const auto term : terms) {
    if (sum >= most) return most;
    q.bind(1, static_cast<std::int64_t>(term)).bind(2, span.from).bind(3, span.until);
    LM_TRY(q.bind(4, most - sum).step());
    sum += q.u64(0);
    q.reset();
  }
  return sum;
}

Result<bool> has_one(const store::Database& db, const std::vector<epcis::Term>& terms,
                     const EventPlace& event) {
  LM_ASSIGN(auto q, db.prepare("SELECT 1 FROM event_term WHERE h = ? AND t = ? AND n = ?"));
  for (const auto term : terms) {
    q.bind(1, static_cast<std::int64_t>(term)).bind(2, event.key).bind(3, event.n);
    LM_ASSIGN(const bool there, q.step());
    q.reset();
    if (there) return true;
  }
  return false;
}

}  // namespace lotmark::node
