#include "ledger-node/chain/private/audit_book.h"

#include <algorithm>
#include <array>

namespace lotmark::chain {

namespace {

// A scratch file: a book of another make is begun anew, so there is nothing to migrate.
constexpr std::string_view kSchema = R"sql(
CREATE TABLE word(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- Of the blocks.
CREATE TABLE head(
  kid BLOB NOT NULL, log INTEGER NOT NULL, size INTEGER NOT NULL, block INTEGER NOT NULL,
  root BLOB NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(kid, log, size, block)) WITHOUT ROWID;
CREATE INDEX head_block ON head(kid, log, block, size);
CREATE INDEX head_time ON head(kid, time);
CREATE TABLE once(id BLOB PRIMARY KEY, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE lot(
  block INTEGER PRIMARY KEY, time INTEGER NOT NULL, block_id BLOB NOT NULL, reviewer BLOB NOT NULL,
  application BLOB NOT NULL, application_id BLOB NOT NULL, enterprise BLOB NOT NULL, start BLOB NOT NULL,
  gtin TEXT NOT NULL, lot TEXT NOT NULL);
CREATE INDEX lot_name ON lot(gtin, lot, block);
CREATE TABLE refusal(application BLOB PRIMARY KEY, block INTEGER NOT NULL, reviewer BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE period(kid BLOB NOT NULL, block INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY(kid, block, id)) WITHOUT ROWID;
CREATE TABLE used(
  gtin TEXT NOT NULL, lot TEXT NOT NULL, kind INTEGER NOT NULL, reports INTEGER NOT NULL, units INTEGER NOT NULL,
  PRIMARY KEY(gtin, lot, kind)) WITHOUT ROWID;
CREATE TABLE used_serial(
  gtin TEXT NOT NULL, lot TEXT NOT NULL, serial TEXT NOT NULL, state INTEGER NOT NULL, again INTEGER NOT NULL,
  PRIMARY KEY(gtin, lot, serial)) WITHOUT ROWID;
-- Of the private files.
CREATE TABLE bundle(file INTEGER, id BLOB, idx INTEGER NOT NULL, PRIMARY KEY(file, id)) WITHOUT ROWID;
CREATE TABLE received(file INTEGER, id BLOB, PRIMARY KEY(file, id)) WITHOUT ROWID;
CREATE TABLE sent(file INTEGER, id BLOB, PRIMARY KEY(file, id)) WITHOUT ROWID;
CREATE TABLE applied(
  file INTEGER, review INTEGER, id BLOB, PRIMARY KEY(file, review, id)) WITHOUT ROWID;
-- What was found, and how far it is.
CREATE TABLE progress(
  file INTEGER, stage INTEGER, cursor INTEGER NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL,
  PRIMARY KEY(file, stage)) WITHOUT ROWID;
CREATE TABLE unit(
  file INTEGER, stage INTEGER, key BLOB, settled INTEGER NOT NULL, counts BLOB NOT NULL,
  more INTEGER NOT NULL, PRIMARY KEY(file, stage, key)) WITHOUT ROWID;
CREATE TABLE fault(
  file INTEGER, stage INTEGER, place INTEGER, key BLOB, n INTEGER, subject TEXT NOT NULL, row INTEGER,
  what TEXT NOT NULL, lot TEXT NOT NULL, block INTEGER, error INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(file, stage, place, key, n)) WITHOUT ROWID;
CREATE INDEX fault_key ON fault(file, stage, key);
CREATE INDEX fault_lot ON fault(lot);
)sql";

// What is no fault and asks for a look.
constexpr std::string_view kRemarks = R"sql(
CREATE TABLE remark(
  file INTEGER, stage INTEGER, place INTEGER, key BLOB, n INTEGER, subject TEXT NOT NULL, row INTEGER,
  what TEXT NOT NULL, lot TEXT NOT NULL, block INTEGER, error INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(file, stage, place, key, n)) WITHOUT ROWID;
CREATE INDEX remark_key ON remark(file, stage, key);
)sql";

template <class F>
F fixed_of(const store::Query& q, int column) {
  return F::from(q.blob(column)).value_or(F{});
}

constexpr std::string_view kHead = "SELECT size, root, block, time FROM head WHERE kid = ? ";
SeenHead head_of(const store::Query& q) {
  return {q.u64(0), fixed_of<Digest>(q, 1), q.u64(2), q.u64(3)};
}

constexpr std::string_view kLot =
    "SELECT block, time, block_id, reviewer, application, application_id, enterprise, start, gtin, "
    "lot FROM lot ";
SeenLot lot_of(const store::Query& q) {
  return {q.u64(0),
          q.u64(1),
          fixed_of<Digest>(q, 2),
          fixed_of<KeyId>(q, 3),
          to_bytes(q.blob(4)),
          fixed_of<Digest>(q, 5),
          fixed_of<KeyId>(q, 6),
          fixed_of<Digest>(q, 7),
          q.text(8),
          q.text(9)};
}

}  // namespace

Result<AuditBook> AuditBook::open(const std::filesystem::path& file, bool again) {
  std::error_code e;
  if (!again) {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + tail, e);
  }
  LM_ASSIGN(auto db, store::Database::open(file));
  // Killed, it loses nothing; after a loss of power it may know less than was done.
  LM_TRY(db.exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768"));
  LM_TRY(db.migrate({kSchema, kRemarks}));
  return AuditBook(file, std::move(db));
}

Result<AuditBook> AuditBook::reader() const {
  LM_ASSIGN(auto db, store::Database::open(file_, {.read_only = true}));
  return AuditBook(file_, std::move(db));
}

std::optional<store::Query> AuditBook::ask(std::string_view sql) const {
  auto q = db_.prepare(sql);
  if (q) return *std::move(q);
  if (error_) error_ = q.error();
  return std::nullopt;
}

bool AuditBook::step(store::Query& q) const {
  auto row = q.step();
  if (row) return *row;
  if (error_) error_ = row.error();
  return false;
}

Status AuditBook::transaction(const std::function<void()>& work) {
  return db_.transaction([&] {
    work();
    return error_;
  });
}

// ---- the blocks ------------------------------------------------------------------------------

void AuditBook::add_head(const KeyId& kid, LogKind log, const SeenHead& h) {
  auto q = ask(
      "INSERT OR REPLACE INTO head(kid, log, size, block, root, time) VALUES(?, ?, ?, ?, ?, ?)");
  if (!q) return;
  q->bind(1, kid).bind(2, static_cast<int>(log)).bind(3, h.size).bind(4, h.block);
  run(q->bind(5, h.root).bind(6, h.time));
}

void AuditBook::add_once(const Digest& id, std::uint64_t block) {
  auto q = ask("INSERT OR IGNORE INTO once(id, block) VALUES(?, ?)");
  if (q) run(q->bind(1, id).bind(2, block));
}

void AuditBook::add_lot(const SeenLot& l) {
  auto q = ask(
      "INSERT OR REPLACE INTO lot(block, time, block_id, reviewer, application, application_id, "
      "enterprise, start, gtin, lot) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!q) return;
  q->bind(1, l.block).bind(2, l.time).bind(3, l.block_id).bind(4, l.reviewer);
  q->bind(5, l.application).bind(6, l.application_id).bind(7, l.enterprise).bind(8, l.start);
  run(q->bind(9, l.gtin).bind(10, l.lot));
}

void AuditBook::add_refusal(const SeenRefusal& r) {
  auto q = ask("INSERT OR IGNORE INTO refusal(application, block, reviewer) VALUES(?, ?, ?)");
  if (q) run(q->bind(1, r.application).bind(2, r.block).bind(3, r.reviewer));
}

void AuditBook::add_period(const SeenPeriod& p) {
  auto q = ask("INSERT OR IGNORE INTO period(kid, block, id) VALUES(?, ?, ?)");
  if (q) run(q->bind(1, p.kid).bind(2, p.block).bind(3, p.transaction));
}

void AuditBook::each_period(
    const std::vector<KeyId>& of,
    const std::function<void(const Digest& transaction, std::uint64_t block)>& take) const {
  for (const KeyId& kid : of) {
    auto q = ask("SELECT id, block FROM period WHERE kid = ? ORDER BY block, id");
    if (!q) return;
    q->bind(1, kid);
    while (step(*q)) take(fixed_of<Digest>(*q, 0), q->u64(1));
  }
}

std::optional<SeenLot> AuditBook::lot_at(std::uint64_t block) const {
  auto q = ask(std::string(kLot) + "WHERE block = ?");
  if (!q || !step(q->bind(1, block))) return std::nullopt;
  return lot_of(*q);
}

std::optional<SeenLot> AuditBook::released(const KeyId& by, std::string_view gtin,
                                           std::string_view lot) const {
  auto q = ask(std::string(kLot) +
               "WHERE gtin = ? AND lot = ? AND enterprise = ? ORDER BY block DESC LIMIT 1");
  if (!q || !step(q->bind(1, gtin).bind(2, lot).bind(3, by))) return std::nullopt;
  return lot_of(*q);
}

std::optional<SeenRefusal> AuditBook::refusal(const Digest& application) const {
  auto q = ask("SELECT block, reviewer FROM refusal WHERE application = ?");
  if (!q || !step(q->bind(1, application))) return std::nullopt;
  return SeenRefusal{application, q->u64(0), fixed_of<KeyId>(*q, 1)};
}

std::optional<std::uint64_t> AuditBook::once(const Digest& id) const {
  auto q = ask("SELECT block FROM once WHERE id = ?");
  if (!q || !step(q->bind(1, id))) return std::nullopt;
  return q->u64(0);
}

std::optional<std::uint64_t> AuditBook::decided(const Digest& application) const {
  if (const auto refused = refusal(application)) return refused->block;
  const auto block = once(application);
  return block && lot_at(*block) ? block : std::nullopt;
}

void AuditBook::each_lot(const std::function<void(const SeenLot&)>& take) const {
  auto q = ask(std::string(kLot) + "ORDER BY block");
  while (q && step(*q)) take(lot_of(*q));
}

void AuditBook::each_refusal(const std::function<void(const SeenRefusal&)>& take) const {
  auto q = ask("SELECT application, block, reviewer FROM refusal ORDER BY application");
  while (q && step(*q)) take({fixed_of<Digest>(*q, 0), q->u64(1), fixed_of<KeyId>(*q, 2)});
}

void AuditBook::each_once(const std::function<void(const Digest&, std::uint64_t)>& take) const {
  auto q = ask("SELECT id, block FROM once ORDER BY id");
  while (q && step(*q)) take(fixed_of<Digest>(*q, 0), q->u64(1));
}

std::vector<SeenHead> AuditBook::heads(const Keys& of, LogKind log, std::uint64_t from_size,
                                       std::size_t limit, std::uint64_t after_block) const {
  std::vector<SeenHead> out;
  for (const KeyId& kid : of) {
    auto q =
        ask(std::string(kHead) +
            "AND log = ? AND (size > ? OR (size = ? AND block > ?)) ORDER BY size, block LIMIT ?");
    if (!q) return {};
    q->bind(1, kid).bind(2, static_cast<int>(log)).bind(3, from_size).bind(4, from_size);
    q->bind(5, after_block).bind(6, static_cast<std::uint64_t>(limit));
    while (step(*q)) out.push_back(head_of(*q));
  }
  std::ranges::sort(out, {}, [](const SeenHead& h) { return std::pair(h.size, h.block); });
  if (out.size() > limit) out.resize(limit);
  return out;
}

std::uint64_t AuditBook::head_count(const Keys& of, LogKind log) const {
  std::uint64_t out = 0;
  for (const KeyId& kid : of) {
    auto q = ask("SELECT count(*) FROM head WHERE kid = ? AND log = ?");
    if (q && step(q->bind(1, kid).bind(2, static_cast<int>(log)))) out += q->u64(0);
  }
  return out;
}

std::optional<SeenHead> AuditBook::longest_head(const Keys& of, LogKind log) const {
  std::optional<SeenHead> out;
  for (const KeyId& kid : of) {
    auto q = ask(std::string(kHead) + "AND log = ? ORDER BY size DESC, block LIMIT 1");
    if (!q || !step(q->bind(1, kid).bind(2, static_cast<int>(log)))) continue;
    if (!out || q->u64(0) > out->size) out = head_of(*q);
  }
  return out;
}

std::optional<SeenHead> AuditBook::newest_head(const Keys& of) const {
  std::optional<SeenHead> out;
  for (const KeyId& kid : of) {
    auto q = ask(std::string(kHead) + "ORDER BY time DESC, block LIMIT 1");
    if (!q || !step(q->bind(1, kid))) continue;
    if (!out || q->u64(3) > out->time) out = head_of(*q);
  }
  return out;
}

std::uint64_t AuditBook::logged(const Keys& of, LogKind log, std::uint64_t block) const {
  std::uint64_t out = 0;
  for (const KeyId& kid : of) {
    auto q = ask("SELECT ifnull(max(size), 0) FROM head WHERE kid = ? AND log = ? AND block <= ?");
    if (q && step(q->bind(1, kid).bind(2, static_cast<int>(log)).bind(3, block)))
      out = std::max(out, q->u64(0));
  }
  return out;
}

// ---- the private files -----------------------------------------------------------------------

void AuditBook::add_bundle(int file, const Digest& id, std::uint64_t idx) {
  auto q = ask("INSERT OR IGNORE INTO bundle(file, id, idx) VALUES(?, ?, ?)");
  if (q) run(q->bind(1, file).bind(2, id).bind(3, idx));
}

std::optional<std::uint64_t> AuditBook::bundle(int file, const Digest& id) const {
  auto q = ask("SELECT idx FROM bundle WHERE file = ? AND id = ?");
  if (!q || !step(q->bind(1, file).bind(2, id))) return std::nullopt;
  return q->u64(0);
}

void AuditBook::add_received(int file, const Digest& id) {
  auto q = ask("INSERT OR IGNORE INTO received(file, id) VALUES(?, ?)");
  if (q) run(q->bind(1, file).bind(2, id));
}

bool AuditBook::received(int file, const Digest& id) const {
  auto q = ask("SELECT 1 FROM received WHERE file = ? AND id = ?");
  return q && step(q->bind(1, file).bind(2, id));
}

void AuditBook::add_sent(int file, const Digest& id) {
  auto q = ask("INSERT OR IGNORE INTO sent(file, id) VALUES(?, ?)");
  if (q) run(q->bind(1, file).bind(2, id));
}

bool AuditBook::sent(int file, const Digest& id) const {
  auto q = ask("SELECT 1 FROM sent WHERE file = ? AND id = ?");
  return q && step(q->bind(1, file).bind(2, id));
}

void AuditBook::add_applied(int file, bool review, const Digest& application) {
  auto q = ask("INSERT OR IGNORE INTO applied(file, review, id) VALUES(?, ?, ?)");
  if (q) run(q->bind(1, file).bind(2, review ? 1 : 0).bind(3, application));
}

bool AuditBook::applied(int file, bool review, const Digest& application) const {
  auto q = ask("SELECT 1 FROM applied WHERE file = ? AND review = ? AND id = ?");
  return q && step(q->bind(1, file).bind(2, review ? 1 : 0).bind(3, application));
}

}  // namespace lotmark::chain
