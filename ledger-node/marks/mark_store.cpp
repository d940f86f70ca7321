#include "ledger-node/marks/mark_store.h"

#include <algorithm>
#include <array>

#include "ledger-node/marks/schema.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kDayMs = 86'400'000;

void bind_group(store::Query& q, const MarkGroup& g) {
  q.bind(1, g.gtin.text).bind(2, g.lot.text).bind(3, static_cast<int>(g.kind));
}

Result<std::uint64_t> number_of(const store::Database& db, std::string_view sql) {
  LM_ASSIGN(auto q, db.prepare(sql));
  LM_ASSIGN(const bool row, q.step());
  return row ? q.u64(0) : 0;
}

Result<UsageKind> kind_at(const store::Query& q, int column) {
  if (q.u64(column) >= static_cast<std::uint64_t>(kEnumCount<UsageKind>))
    return fail(Errc::kCorrupt, "marks.db: no kind of use");
  return static_cast<UsageKind>(q.integer(column));
}

Result<StoredMark> read_mark(const store::Query& q) {
  StoredMark m;
  m.n = q.u64(0);
  LM_ASSIGN(m.id, q.fixed<Digest>(1));
  m.mark.gtin.text = q.text(2);
  m.mark.lot.text = q.text(3);
  LM_ASSIGN(m.mark.kind, kind_at(q, 4));
  if (!q.is_null(5)) m.mark.serial = q.text(5);
  m.mark.count = q.u64(6);
  m.mark.time = q.u64(7);
  LM_ASSIGN(m.signer, q.fixed<KeyId>(8));
  m.took = q.u64(9);
  LM_ASSIGN(m.by, q.fixed<KeyId>(10));
  LM_ASSIGN(m.mark.nonce, q.fixed<Nonce>(11));
  if (!q.is_null(12)) {
    LM_ASSIGN(m.report, q.fixed<Digest>(12));
  }
  if (!q.is_null(13)) m.state = static_cast<ReportState>(q.integer(13));
  if (!q.is_null(14)) m.block = q.u64(14);
  return m;
}

}  // namespace

std::string_view name(ReportState state) {
  constexpr std::array<std::string_view, 4> kWords = {"made", "given", "final", "refused"};
  return kWords.at(static_cast<std::size_t>(state));
}

Result<std::unique_ptr<MarkStore>> MarkStore::open(const std::filesystem::path& file) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kMarksSchema}));
  std::unique_ptr<MarkStore> s(new MarkStore(std::move(db)));
  LM_TRY(s->load());
  return s;
}

Status MarkStore::load() {
  LM_ASSIGN(marks_, number_of(db_, "SELECT count(*) FROM mark"));
  return count_waiting();
}

Status MarkStore::count_waiting() {
  LM_ASSIGN(waiting_, number_of(db_,
                                "SELECT count(*) FROM mark INDEXED BY mark_waiting WHERE "
                                "report IS NULL"));
  return {};
}

// ---- marks ---------------------------------------------------------------------------------------

Result<bool> MarkStore::holds(const Digest& id) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM mark WHERE id = ?"));
  return q.bind(1, id).step();
}

Result<std::optional<KeptMark>> MarkStore::find_same(const Signed<Mark>& m) const {
  LM_ASSIGN(auto by_id, db_.prepare("SELECT 1 FROM mark WHERE id = ?"));
  LM_ASSIGN(const bool held, by_id.bind(1, m.id).step());
  if (held) return std::optional(KeptMark{m.id, false});
  LM_ASSIGN(auto by_nonce, db_.prepare("SELECT 1 FROM mark WHERE kid = ? AND nonce = ?"));
  LM_ASSIGN(const bool used, by_nonce.bind(1, m.kid).bind(2, m.body.nonce).step());
  if (used) return fail(Errc::kListDuplicate, "another mark of its signer has its nonce");
  if (!m.body.serial) return std::optional<KeptMark>();
  LM_ASSIGN(auto fact, db_.prepare("SELECT id FROM mark WHERE gtin = ? AND lot = ? AND kind = ? "
                                   "AND serial = ? AND kid = ?"));
  bind_group(fact, {m.body.gtin, m.body.lot, m.body.kind});
  LM_ASSIGN(const bool said, fact.bind(4, *m.body.serial).bind(5, m.kid).step());
  if (!said) return std::optional<KeptMark>();
  LM_ASSIGN(const Digest first, fact.fixed<Digest>(0));
  return std::optional(KeptMark{first, false});
}

// Those of a clock that ran ahead count no more: they would keep the signer out for as long as it was wrong.
Result<std::uint64_t> MarkStore::marks_today(const KeyId& signer, std::uint64_t now) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM (SELECT 1 FROM mark WHERE kid = ? AND took > "
                                "? AND took <= ? LIMIT ?)"));
  q.bind(1, signer).bind(2, now - std::min(now, kDayMs)).bind(3, now).bind(4, signer_day_);
  LM_ASSIGN(const bool row, q.step());
  return row ? q.u64(0) : 0;
}

Result<KeptMark> MarkStore::insert(const Signed<Mark>& m, const KeyId& by, std::uint64_t now,
                                   std::map<KeyId, std::uint64_t>& today) {
  LM_ASSIGN(const auto same, find_same(m));
  if (same) return *same;
  auto count = today.find(m.kid);
  if (count == today.end()) {
    LM_ASSIGN(const std::uint64_t before, marks_today(m.kid, now));
    count = today.emplace(m.kid, before).first;
  }
  if (count->second >= signer_day_)
    return fail(Errc::kTooLarge, "more than " + std::to_string(signer_day_) +
                                     " marks of its signer in 24 h: bring it later");
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO mark(gtin, lot, kind, id, serial, units, time, kid, "
                                "nonce, took, by, object) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                "?)"));
  bind_group(q, {m.body.gtin, m.body.lot, m.body.kind});
  q.bind(4, m.id).bind(5, m.body.serial).bind(6, m.body.count).bind(7, m.body.time);
  q.bind(8, m.kid).bind(9, m.body.nonce).bind(10, now).bind(11, by).bind(12, m.bytes);
  LM_TRY(q.run());
  ++count->second;
  return KeptMark{m.id, true};
}

Result<std::vector<Result<KeptMark>>> MarkStore::keep(const std::vector<const Signed<Mark>*>& marks,
                                                      const KeyId& by, Time now) {
  const std::lock_guard guard(lock_);
  std::map<KeyId, std::uint64_t> today;
  std::vector<Result<KeptMark>> out;
  std::uint64_t added = 0, again = 0;
  const Status done = db_.transaction([&]() -> Status {
    for (const auto* m : marks) {
      auto kept = insert(*m, by, unix_ms(now), today);
      if (!kept && !is_of_the_formats(kept.code()) && kept.code() != Errc::kTooLarge)
        return kept.error();
      if (kept) ++(kept->added ? added : again);
      out.push_back(std::move(kept));
    }
    return {};
  });
  if (!done) return done.error();
  marks_ += added;
  waiting_ += added;
  again_ += again;
  return out;
}

Result<std::vector<StoredMark>> MarkStore::page(const Filter& filter, std::uint64_t after,
                                                std::size_t limit) const {
  const std::lock_guard guard(lock_);
  std::string sql =
      "SELECT mark.n, mark.id, mark.gtin, mark.lot, mark.kind, serial, units, time, kid, took, by, "
      "nonce, report, report.state, report.block FROM mark LEFT JOIN report ON report.id = "
      "mark.report WHERE mark.n > ?";
  if (filter.lot) sql += " AND mark.gtin = ? AND mark.lot = ?";
  if (filter.serial) sql += " AND serial = ?";
  LM_ASSIGN(auto q, db_.prepare(sql + " ORDER BY mark.n LIMIT " + std::to_string(limit)));
  q.bind(1, after);
  if (filter.lot) q.bind(2, filter.gtin.value_or(Gtin{}).text).bind(3, filter.lot->text);
  if (filter.serial) q.bind(4, *filter.serial);
  std::vector<StoredMark> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto m, read_mark(q));
    out.push_back(std::move(m));
  }
}

// ---- reports -------------------------------------------------------------------------------------

Result<std::optional<MarkGroup>> MarkStore::due(Time now, Millis every, std::uint64_t many,
                                                const std::set<MarkGroup>& without) const {
  const std::lock_guard guard(lock_);
  const std::uint64_t ms = unix_ms(now);
  const std::uint64_t before = ms - std::min(ms, static_cast<std::uint64_t>(every.count()));
  LM_ASSIGN(auto q, db_.prepare("SELECT gtin, lot, kind FROM mark INDEXED BY mark_waiting WHERE "
                                "report IS NULL GROUP BY gtin, lot, kind HAVING min(took) <= ? OR "
                                "min(took) > ? OR count(serial) >= ? ORDER BY min(took)"));
  q.bind(1, before).bind(2, ms).bind(3, many);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return std::optional<MarkGroup>();
    MarkGroup g{{q.text(0)}, {q.text(1)}, {}};
    LM_ASSIGN(g.kind, kind_at(q, 2));
    if (!without.contains(g)) return std::optional(std::move(g));
  }
}

Result<std::vector<WaitingMark>> MarkStore::waiting_of(const MarkGroup& group,
                                                       std::size_t limit) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT n, serial, units, time FROM mark WHERE gtin = ? AND lot = "
                                "? AND kind = ? AND report IS NULL ORDER BY n LIMIT ?"));
  bind_group(q, group);
  q.bind(4, static_cast<std::uint64_t>(limit));
  std::vector<WaitingMark> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    WaitingMark m{q.u64(0), std::nullopt, q.u64(2), q.u64(3)};
    if (!q.is_null(1)) m.serial = q.text(1);
    out.push_back(std::move(m));
  }
}

Result<std::optional<Digest>> MarkStore::counted(const MarkGroup& group,
                                                 std::string_view serial) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT report FROM mark WHERE gtin = ? AND lot = ? AND kind = ? "
                                "AND serial = ? AND report IS NOT NULL LIMIT 1"));
  bind_group(q, group);
  LM_ASSIGN(const bool row, q.bind(4, serial).step());
  if (!row) return std::optional<Digest>();
  LM_ASSIGN(const Digest report, q.fixed<Digest>(0));
  return std::optional(report);
}

Status MarkStore::bundle(const Bundling& b, Time now) {
  const std::lock_guard guard(lock_);
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(auto set, db_.prepare("UPDATE mark SET report = ? WHERE n = ? AND report IS NULL"));
    for (const auto& [n, report] : b.counted_before) LM_TRY(set.bind(1, report).bind(2, n).run());
    if (!b.report) return {};
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO report(gtin, lot, kind, id, made, object, state) "
                                  "VALUES(?, ?, ?, ?, ?, ?, ?)"));
    bind_group(q, b.group);
    q.bind(4, b.report->id).bind(5, unix_ms(now)).bind(6, b.report->bytes);
    LM_TRY(q.bind(7, static_cast<int>(ReportState::kMade)).run());
    for (const auto n : b.marks) {
      LM_TRY(set.bind(1, b.report->id).bind(2, n).run());
      if (db_.changes() != 1) return fail(Errc::kInternal, "a mark belongs to two reports");
    }
    return {};
  }));
  return count_waiting();
}

Result<std::vector<MadeReport>> MarkStore::reports(ReportState state, std::uint64_t after,
                                                   std::size_t limit) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT n, id, gtin, lot, kind, object, error FROM report WHERE "
                                "state = ? AND n > ? ORDER BY n LIMIT ?"));
  q.bind(1, static_cast<int>(state)).bind(2, after).bind(3, static_cast<std::uint64_t>(limit));
  std::vector<MadeReport> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    MadeReport r;
    r.n = q.u64(0);
    LM_ASSIGN(r.id, q.fixed<Digest>(1));
    r.group.gtin.text = q.text(2);
    r.group.lot.text = q.text(3);
    LM_ASSIGN(r.group.kind, kind_at(q, 4));
    r.object = to_bytes(q.blob(5));
    r.error = q.text(6);
    out.push_back(std::move(r));
  }
}

Result<std::uint64_t> MarkStore::count(ReportState state) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM report WHERE state = ?"));
  LM_ASSIGN(const bool row, q.bind(1, static_cast<int>(state)).step());
  return row ? q.u64(0) : 0;
}

Status MarkStore::set_state(const Digest& report, ReportState state, std::string_view error,
                            std::optional<std::uint64_t> block) {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q, db_.prepare("UPDATE report SET state = ?, error = ?, block = ? WHERE id = ?"));
  q.bind(1, static_cast<int>(state)).bind(2, error).bind(3, block);
  return q.bind(4, report).run();
}

Status MarkStore::forget(const Digest& report) {
  const std::lock_guard guard(lock_);
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(auto marks, db_.prepare("UPDATE mark SET report = NULL WHERE report = ?"));
    LM_TRY(marks.bind(1, report).run());
    LM_ASSIGN(auto q, db_.prepare("DELETE FROM report WHERE id = ?"));
    return q.bind(1, report).run();
  }));
  return count_waiting();
}

// ---- lots ----------------------------------------------------------------------------------------

Result<std::optional<std::pair<Gtin, LotNumber>>> MarkStore::lot_after(const Gtin& gtin,
                                                                       const LotNumber& lot) const {
  const std::lock_guard guard(lock_);
  LM_ASSIGN(auto q,
            db_.prepare("SELECT gtin, lot FROM mark INDEXED BY mark_lot WHERE (gtin, lot) > "
                        "(?, ?) ORDER BY gtin, lot LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, gtin.text).bind(2, lot.text).step());
  if (!row) return std::optional<std::pair<Gtin, LotNumber>>();
  return std::optional(std::pair(Gtin{q.text(0)}, LotNumber{q.text(1)}));
}

Status MarkStore::forget_lot(const Gtin& gtin, const LotNumber& lot) {
  const std::lock_guard guard(lock_);
  std::int64_t gone = 0;
  LM_TRY(db_.transaction([&]() -> Status {
    LM_ASSIGN(auto marks, db_.prepare("DELETE FROM mark WHERE gtin = ? AND lot = ?"));
    LM_TRY(marks.bind(1, gtin.text).bind(2, lot.text).run());
    gone = db_.changes();
    LM_ASSIGN(auto made, db_.prepare("DELETE FROM report WHERE gtin = ? AND lot = ?"));
    return made.bind(1, gtin.text).bind(2, lot.text).run();
  }));
  marks_ -= static_cast<std::uint64_t>(gone);
  return count_waiting();
}

std::vector<std::pair<std::string, double>> MarkStore::metrics() const {
  return {{"lotmark_marks", static_cast<double>(marks_)},
          {"lotmark_marks_again_total", static_cast<double>(again_)},
          {"lotmark_marks_waiting", static_cast<double>(waiting_)}};
}

}  // namespace lotmark::node
