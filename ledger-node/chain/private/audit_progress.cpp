// How far an audit is and what it found, unit by unit, in its book.
#include "ledger-node/chain/private/audit_book.h"

namespace lotmark::chain {

namespace {

Bytes counts_of(const AuditCounts& counts) {
  Bytes out;
  for (const auto count : AuditCounts::kAll) {
    for (int shift = 56; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>((counts.*count.value) >> shift));
  }
  return out;
}

void add_counts(AuditCounts& counts, ByteView bytes) {
  std::size_t at = 0;
  for (const auto count : AuditCounts::kAll) {
    std::uint64_t v = 0;
    for (int i = 0; i < 8 && at < bytes.size(); ++i) v = v << 8 | bytes[at++];
    counts.*count.value += v;
  }
}

int number(AuditStage stage) { return static_cast<int>(stage); }

}  // namespace

void AuditBook::set(std::string_view key, std::string_view value) {
  auto q = ask("INSERT OR REPLACE INTO word(key, value) VALUES(?, ?)");
  if (q) run(q->bind(1, key).bind(2, value));
}

std::string AuditBook::get(std::string_view key) const {
  auto q = ask("SELECT value FROM word WHERE key = ?");
  return q && step(q->bind(1, key)) ? q->text(0) : "";
}

void AuditBook::set_progress(int file, AuditStage stage, const Progress& p) {
  auto q = ask(
      "INSERT OR REPLACE INTO progress(file, stage, cursor, state, done) VALUES(?, ?, ?, ?, ?)");
  if (!q) return;
  q->bind(1, file).bind(2, number(stage)).bind(3, p.cursor).bind(4, p.state);
  run(q->bind(5, p.done ? 1 : 0));
}

AuditBook::Progress AuditBook::progress(int file, AuditStage stage) const {
  auto q = ask("SELECT cursor, state, done FROM progress WHERE file = ? AND stage = ?");
  if (!q || !step(q->bind(1, file).bind(2, number(stage)))) return {};
  return {q->u64(0), q->text(1), q->integer(2) != 0};
}

void AuditBook::add_unit(int file, AuditStage stage, const AuditUnit& unit,
                         const AuditReport& found) {
  auto q =
      ask("INSERT OR REPLACE INTO unit(file, stage, key, settled, counts, more) "
          "VALUES(?, ?, ?, ?, ?, ?)");
  if (!q) return;
  q->bind(1, file).bind(2, number(stage)).bind(3, unit.key).bind(4, unit.settled ? 1 : 0);
  run(q->bind(5, counts_of(found)).bind(6, found.more));
  write_list("fault", file, stage, unit, found.faults);
  write_list("remark", file, stage, unit, found.remarks);
}

void AuditBook::write_list(std::string_view table, int file, AuditStage stage,
                           const AuditUnit& unit, const std::vector<AuditFault>& list) {
  const std::string name(table);
  auto old = ask("DELETE FROM " + name + " WHERE file = ? AND stage = ? AND key = ?");
  if (old) run(old->bind(1, file).bind(2, number(stage)).bind(3, unit.key));
  std::uint64_t n = 0;
  for (const auto& f : list) {
    auto row = ask("INSERT INTO " + name +
                   "(file, stage, place, key, n, subject, row, what, lot, block, error, text) "
                   "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!row) return;
    row->bind(1, file).bind(2, number(stage)).bind(3, unit.place).bind(4, unit.key).bind(5, n++);
    row->bind(6, f.table).bind(7, f.row).bind(8, f.what).bind(9, f.lot).bind(10, f.block);
    run(row->bind(11, static_cast<int>(f.error)).bind(12, f.text));
  }
}

std::vector<AuditFault> AuditBook::read_list(std::string_view table) const {
  const bool several = !get("node.2").empty();
  auto q =
      ask("SELECT subject, row, what, lot, block, error, text, file FROM " + std::string(table) +
          " ORDER BY file, stage, place, key, n LIMIT " + std::to_string(AuditReport::kFaultsMax));
  std::vector<AuditFault> out;
  while (q && step(*q)) {
    const auto number_at = [&](int column) {
      return q->is_null(column) ? std::nullopt : std::optional(q->u64(column));
    };
    out.push_back({q->text(0), number_at(1), q->text(2), q->text(3), number_at(4),
                   static_cast<Errc>(q->integer(5)), q->text(6),
                   several ? get("node." + q->text(7)) : ""});
  }
  return out;
}

bool AuditBook::settled(int file, AuditStage stage, ByteView key) const {
  auto q = ask("SELECT 1 FROM unit WHERE file = ? AND stage = ? AND key = ? AND settled = 1");
  return q && step(q->bind(1, file).bind(2, number(stage)).bind(3, key));
}

void AuditBook::forget(int file, AuditStage stage) {
  for (const char* table : {"fault", "remark", "unit", "progress"}) {
    auto q = ask("DELETE FROM " + std::string(table) + " WHERE file = ? AND stage = ?");
    if (q) run(q->bind(1, file).bind(2, number(stage)));
  }
}

AuditReport AuditBook::report() const {
  AuditReport out;
  auto q = ask("SELECT counts, more FROM unit");
  while (q && step(*q)) {
    add_counts(out, q->blob(0));
    out.more += q->u64(1);
  }
  auto total = ask("SELECT count(*) FROM fault");
  const std::uint64_t found = total && step(*total) ? total->u64(0) : 0;
  out.faults = read_list("fault");
  out.remarks = read_list("remark");
  out.more += found - out.faults.size();
  return out;
}

std::uint64_t AuditBook::faults_of_lot(std::string_view lot, std::uint64_t block) const {
  auto q = ask("SELECT count(*) FROM fault WHERE lot = ? AND (block IS NULL OR block = ?)");
  return q && step(q->bind(1, lot).bind(2, block)) ? q->u64(0) : 0;
}

}  // namespace lotmark::chain
