#include "ledger-node/standby/event_rows.h"

#include <algorithm>

#include "ledger-node/chain/private/event_sets.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kIndexedAtOnce = 2048;

// Sets of records that have their place.
constexpr std::string_view kPlacedSets =
    "SELECT s.commitment, s.spans FROM event_set s WHERE EXISTS(SELECT 1 FROM record r WHERE "
    "r.start = s.start AND r.commitment = s.commitment) OR (s.start IS NULL AND EXISTS(SELECT 1 "
    "FROM period_record p WHERE p.commitment = s.commitment))";

class SpanRows {
 public:
  static Result<SpanRows> open(const store::Database& db) {
    LM_ASSIGN(auto there, db.prepare("SELECT 1 FROM event_span WHERE first = ? AND last = ? AND "
                                     "commitment = ? AND segment = ? AND at = ?"));
    LM_ASSIGN(auto put, db.prepare("INSERT OR REPLACE INTO event_span(first, last, commitment, "
                                   "segment, at) VALUES(?, ?, ?, ?, ?)"));
    LM_ASSIGN(auto note, db.prepare("INSERT OR IGNORE INTO settled_span(first) VALUES(?)"));
    return SpanRows{std::move(there), std::move(put), std::move(note)};
  }

  // True if the row was not there as it is to be.
  Result<bool> settle(const Digest& commitment, const chain::EventSpan& s) {
    LM_TRY(note_.bind(1, s.first).run());
    bind(there_, commitment, s);
    LM_ASSIGN(const bool same, there_.step());
    there_.reset();
    if (same) return false;
    bind(put_, commitment, s);
    LM_TRY(put_.run());
    return true;
  }

 private:
  SpanRows(store::Query there, store::Query put, store::Query note)
      : there_(std::move(there)), put_(std::move(put)), note_(std::move(note)) {}
  static void bind(store::Query& q, const Digest& commitment, const chain::EventSpan& s) {
    q.bind(1, s.first).bind(2, s.last).bind(3, commitment).bind(4, s.segment).bind(5, s.at);
  }
  store::Query there_, put_, note_;
};

Status settle_placed(const store::Database& db, const std::function<void(std::uint64_t)>& told) {
  LM_ASSIGN(auto rows, SpanRows::open(db));
  LM_ASSIGN(auto sets, db.prepare(kPlacedSets));
  LM_ASSIGN(auto keep, db.prepare("INSERT OR IGNORE INTO settled_span(first) SELECT first FROM "
                                  "event_span WHERE commitment = ?"));
  while (true) {
    LM_ASSIGN(const bool row, sets.step());
    if (!row) return {};
    LM_ASSIGN(const auto commitment, sets.fixed<Digest>(0));
    const auto spans = chain::decode_spans(sets.blob(1));
    if (!spans) LM_TRY(keep.bind(1, commitment).run());
    if (!spans) continue;
    for (const auto& s : *spans) {
      LM_ASSIGN(const bool changed, rows.settle(commitment, s));
      if (changed && told) told(s.first);
    }
  }
}

Status take_strays(const store::Database& db, const std::function<void(std::uint64_t)>& told) {
  LM_ASSIGN(auto strays, db.prepare("SELECT first FROM event_span WHERE first NOT IN (SELECT first "
                                    "FROM settled_span)"));
  while (told) {
    LM_ASSIGN(const bool row, strays.step());
    if (!row) break;
    told(strays.u64(0));
  }
  strays.reset();
  return db.exec("DELETE FROM event_span WHERE first NOT IN (SELECT first FROM settled_span)");
}

}  // namespace

// ---- terms and values ----------------------------------------------------------------------

Status EventIndexer::add(std::uint64_t n) {
  auto stored = read_event(*db_, n);
  if (!stored && stored.code() != Errc::kCorrupt) return stored.error();
  const auto left_out = [&](const Error& e) {
    ++unreadable_;
    trouble_ = "event row " + std::to_string(n) + ": " + e.message();
    return Status();
  };
  if (!stored) return left_out(stored.error());
  if (!*stored) return {};  // it went since
  const auto of = contexts_.of((*stored)->context);
  if (!of) return left_out(of.error());
  auto event = read_captured(std::move((*stored)->body), **of);
  if (!event) return left_out(event.error());
  rows_.add(n, *event);
  return {};
}

void EventIndexer::forget() {
  contexts_.clear();
  rows_.clear();
}

Status index_events(const store::Database& db, Indexed which) {
  EventIndexer indexer(db);
  const std::string missing = " AND n NOT IN (SELECT n FROM event_term WHERE h = 0)";
  LM_ASSIGN(auto q, db.prepare("SELECT n FROM event WHERE n > ?" +
                               (which == Indexed::kMissing ? missing : std::string()) +
                               " ORDER BY n LIMIT ?"));
  std::uint64_t after = 0;
  while (true) {
    std::vector<std::uint64_t> rows;
    q.bind(1, after).bind(2, kIndexedAtOnce);
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) break;
      rows.push_back(q.u64(0));
    }
    if (rows.empty()) return {};
    after = rows.back();
    LM_TRY(db.transaction([&]() -> Status {
      for (const auto n : rows) LM_TRY(indexer.add(n));
      return indexer.write();
    }));
  }
}

// ---- spans ---------------------------------------------------------------------------------

Status settle_spans(const store::Database& db,
                    const std::function<void(std::uint64_t first)>& told) {
  LM_TRY(
      db.exec("CREATE TEMP TABLE IF NOT EXISTS settled_span(first INTEGER PRIMARY KEY); "
              "DELETE FROM settled_span"));
  LM_TRY(settle_placed(db, told));
  LM_TRY(take_strays(db, told));
  return db.exec("DELETE FROM settled_span");
}

Status settle_access_spans(const store::Database& db,
                           const std::function<void(std::uint64_t first)>& told) {
  const std::string lone =
      " FROM access_span WHERE commitment NOT IN (SELECT commitment FROM period_record)";
  LM_ASSIGN(auto q, db.prepare("SELECT first" + lone));
  while (told) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    told(q.u64(0));
  }
  q.reset();
  return db.exec("DELETE" + lone);
}

Status settle_events(const store::Database& db) {
  LM_TRY(db.transaction([&]() -> Status {
    LM_TRY(settle_access_spans(db));
    return settle_spans(db);
  }));
  LM_TRY(index_events(db, Indexed::kMissing));
  return rebuild_pending(db);
}

}  // namespace lotmark::node
