#include "edge-agent/check/outbox_glance.h"

#include "core/wire/sign1.h"

namespace lotmark::agent {

namespace {

// An outbox that an older agent left has no such column until the next one starts on it.
Result<bool> reads_conflict(const store::Database& db) {
  LM_ASSIGN(auto column, db.prepare("SELECT count(*) FROM pragma_table_info('outbox') "
                                    "WHERE name = 'conflict'"));
  LM_ASSIGN(bool row, column.step());
  if (!row || column.integer(0) == 0) return false;
  LM_ASSIGN(auto q, db.prepare("SELECT conflict FROM outbox"));
  LM_ASSIGN(row, q.step());
  return row && q.integer(0) != 0;
}

}  // namespace

Result<OutboxGlance> glance_at(const std::filesystem::path& file, const Digest& chain) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return fail(Errc::kNotFound, file.string() + " is not there yet");
  }
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("SELECT device, seq, ack, (SELECT count(*) FROM bundle), "
                               "(SELECT coalesce(sum(length(object)), 0) FROM bundle) "
                               "FROM outbox"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return fail(Errc::kCorrupt, file.string() + " has no state");
  OutboxGlance out;
  LM_ASSIGN(out.device, q.fixed<KeyId>(0));
  out.seq = q.u64(1);
  out.unacked = q.u64(3);
  out.bytes = q.u64(4);
  if (!q.is_null(2)) {
    LM_ASSIGN(auto ack, lotmark::open<Ack>(q.blob(2), chain));
    out.ack = std::move(ack.body);
  }
  q.reset();
  LM_ASSIGN(out.conflict, reads_conflict(db));
  return out;
}

}  // namespace lotmark::agent
