#include "ledger-node/backup/restore_events.h"

#include <fmt/format.h>

#include "core/crypto/sha256.h"
#include "ledger-node/backup/restore_contexts.h"
#include "ledger-node/capture/access_request.h"
#include "ledger-node/capture/event_store.h"
#include "ledger-node/standby/copy_tables.h"
#include "ledger-node/standby/event_rows.h"

namespace lotmark::backup {

namespace {

using node::CopyTable;
using node::CopyValue;

constexpr std::uint64_t kEvent = 10, kSet = 11, kPeriodRecord = 13, kJob = 14, kAccess = 15,
                        kAccessSpan = 16;
// Places among the columns of `event`, of `capture_job`, and of `access`.
constexpr int kSha = 3, kContext = 6, kBody = 7;
constexpr int kJobId = 1, kJobErrors = 6;
constexpr int kRun = 1, kNumber = 2, kAccessSha = 5, kEntry = 7;

// An entry of the access log that is what its row says.
bool access_holds(const store::Query& row) {
  const auto entry = node::decode_access(row.blob(kEntry));
  return entry && Digest::from(row.blob(kAccessSha)) == sha256(row.blob(kEntry)) &&
         std::ranges::equal(row.blob(kRun), entry->run.view()) && row.u64(kNumber) == entry->number;
}

class EventRestore {
 public:
  EventRestore(const store::Database& from, const store::Database& db, RestoredRows& out,
               const std::function<void(std::string)>& name)
      : from_(from), db_(db), out_(out), name_(name), contexts_(from, db), indexer_(db) {}

  Status run() {
    LM_TRY(contexts_.run([&](std::uint64_t k) { named(fmt::format("event_context row {}", k)); }));
    for (const auto tab : {kEvent, kAccess, kPeriodRecord, kAccessSpan, kJob, kSet})
      LM_TRY(restore(tab));
    LM_TRY(node::settle_access_spans(
        db_, [&](std::uint64_t first) { named(fmt::format("access_span row {}", first)); }));
    LM_TRY(drop_sets());
    LM_TRY(indexer_.write());
    LM_TRY(node::settle_spans(
        db_, [&](std::uint64_t first) { named(fmt::format("event_span row {}", first)); }));
    const bool damaged = std::ranges::any_of(
        out_.report.faults, [](const auto& f) { return f.table.starts_with("event"); });
    return changed_ || damaged ? node::renew_pending(db_) : Status();
  }

 private:
  void named(std::string row) {
    changed_ = true;
    name_(std::move(row));
  }

  // The source's row as it is to stand here.
  CopyValue value(const CopyTable& t, const store::Query& source, std::size_t c) const {
    auto out = CopyValue::of(source, static_cast<int>(c), t.types[c]);
    if (t.tab == kEvent && c == kContext && out.number >= 0)
      out.number =
          static_cast<std::int64_t>(contexts_.row_of(static_cast<std::uint64_t>(out.number)));
    return out;
  }

  bool equal(const CopyTable& t, const store::Query& source, const store::Query& b) const {
    for (std::size_t c = 0; c < t.types.size(); ++c) {
      const auto x = value(t, source, c);
      const auto y = CopyValue::of(b, static_cast<int>(c), t.types[c]);
      if (x.type != y.type || x.number != y.number || x.bytes != y.bytes) return false;
    }
    return true;
  }

  // Another event, job or access than the backup's that is what its row says.
  static bool is_newer(std::uint64_t tab, const store::Query& source, const store::Query& there) {
    if (tab == kJob) {
      const bool same = there.text(kJobId) == source.text(kJobId);
      return there.text(kJobId).size() == 36 &&
             (!same || source.text(kJobErrors) == node::kUnendedErrors);
    }
    if (tab == kAccess)
      return access_holds(there) &&
             !std::ranges::equal(there.blob(kAccessSha), source.blob(kAccessSha));
    if (tab != kEvent) return false;
    const auto sha = Digest::from(there.blob(kSha));
    return sha && sha != Digest::from(source.blob(kSha)) && sha256(there.blob(kBody)) == *sha;
  }

  // A set of a step that was prepared anew since is not wanted any more, a span of a record that is not here, and an
  // access that was brought again since.
  Result<bool> wanted(std::uint64_t tab, const store::Query& source) const {
    if (tab == kAccessSpan) {
      LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM period_record WHERE commitment = ?"));
      return q.bind_column(1, source, 2).step();
    }
    if (tab == kAccess) {
      LM_ASSIGN(auto q, db_.prepare("SELECT n, run, number, salt, by, sha, logged, entry FROM "
                                    "access WHERE run = ? AND number = ? AND n IS NOT ?"));
      q.bind_column(1, source, kRun).bind_column(2, source, kNumber).bind_column(3, source, 0);
      LM_ASSIGN(const bool again, q.step());
      return !again || !access_holds(q);
    }
    if (tab != kSet) return true;
    LM_ASSIGN(auto q,
              db_.prepare("SELECT 1 FROM record WHERE start = ?2 AND commitment = ?1 UNION ALL "
                          "SELECT 1 FROM waiting WHERE commitment = ?1 UNION ALL SELECT 1 FROM "
                          "period_record WHERE commitment = ?1"));
    return q.bind_column(1, source, 0).bind_column(2, source, 1).step();
  }

  Status restore(std::uint64_t tab) {
    const CopyTable& t = *node::copy_table(tab);
    LM_ASSIGN(auto source, from_.prepare(fmt::format("SELECT {} FROM {}", t.columns, t.name)));
    LM_ASSIGN(auto there, db_.prepare(node::select_row(t)));
    LM_ASSIGN(auto put, db_.prepare(node::put_row(t)));
    for (std::uint64_t n = 0;; ++n) {
      LM_ASSIGN(const bool row, source.step());
      if (!row) return {};
      LM_ASSIGN(const bool has, there.bind_column(1, source, 0).step());
      const bool same = has && equal(t, source, there);
      const bool keep = has && !same && is_newer(tab, source, there);
      there.reset();
      out_.kept += keep ? 1 : 0;
      if (same || keep) continue;
      LM_ASSIGN(const bool want, wanted(tab, source));
      if (!want) continue;
      for (std::size_t c = 0; c < t.types.size(); ++c)
        value(t, source, c).bind(put, static_cast<int>(c + 1));
      LM_TRY(put.run());
      if (tab == kEvent) LM_TRY(indexer_.add(source.u64(0)));
      named(fmt::format("{} row {}", t.name, tab == kSet ? n : source.u64(0)));
    }
  }

  // Those of no record: what is left of a row whose commitment was changed.
  Status drop_sets() {
    LM_TRY(db_.exec(
        "DELETE FROM event_set WHERE NOT EXISTS(SELECT 1 FROM waiting w WHERE w.commitment = "
        "event_set.commitment) AND NOT EXISTS(SELECT 1 FROM period_record p WHERE p.commitment = "
        "event_set.commitment) AND NOT EXISTS(SELECT 1 FROM record r WHERE r.start = "
        "event_set.start AND r.commitment = event_set.commitment)"));
    if (db_.changes() != 0) named(fmt::format("event_set: {} rows of no record", db_.changes()));
    return {};
  }

  const store::Database& from_;
  const store::Database& db_;
  RestoredRows& out_;
  const std::function<void(std::string)>& name_;
  ContextRestore contexts_;
  node::EventIndexer indexer_;
  bool changed_ = false;
};

}  // namespace

Status restore_events(const store::Database& from, const store::Database& db, RestoredRows& out,
                      const std::function<void(std::string)>& name) {
  return EventRestore(from, db, out, name).run();
}

bool misses_terms(const chain::AuditReport& report) {
  return std::ranges::any_of(report.faults, [](const auto& f) {
    return f.table == "event_term" || f.table == "event_value";
  });
}

}  // namespace lotmark::backup
