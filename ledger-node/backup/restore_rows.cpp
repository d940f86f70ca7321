// Rows of a damaged private.db out of a backup that was audited: table by table, both in the order of their keys.
#include <fmt/format.h>

#include <set>

#include "core/store/folder_lock.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/backup/restore_events.h"
#include "ledger-node/backup/restore_serials.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/standby/copy_tables.h"
#include "ledger-node/standby/event_rows.h"

namespace lotmark::backup {

namespace {

namespace fs = std::filesystem;
using node::CopyTable;
using node::CopyValue;

constexpr std::size_t kNamed = 1000;

class RowRestore {
 public:
  RowRestore(const store::Database& from, const store::Database& db, const Digest& chain,
             std::uint64_t logged, RestoredRows& out)
      : from_(from), db_(db), chain_(chain), logged_(logged), out_(out) {}

  Status run() {
    LM_TRY(restore_intake());
    for (const char* name : {"received", "batch", "record", "tx", "answer", "evidence", "life"})
      LM_TRY(restore_table(name));
    LM_TRY(restore_waiting());
    LM_TRY(restore_segment_keys());
    LM_TRY(restore_serials(from_, db_, chain_, [this](std::string row) { name(std::move(row)); }));
    LM_TRY(set_lives());
    return restore_events(from_, db_, out_, [this](std::string row) { name(std::move(row)); });
  }

 private:
  void name(std::string row) {
    if (out_.rows.size() < kNamed) out_.rows.push_back(std::move(row));
    else ++out_.more;
  }

  // Is what stands there the object it says it is?
  bool holds(const store::Query& q) {
    const auto id = Digest::from(q.blob(0));
    if (q.integer(5) == 1) {
      const auto gap = open<Gap>(q.blob(9), chain_);
      return gap && gap->id == id;
    }
    const auto bundle = reader_.open_bundle(q.blob(9), chain_);
    return bundle && bundle->id == id && reader_.check_readings(bundle->body) == Errc::kOk;
  }

  // Below the logged head a row that differs from the backup's is damaged: the backup's tree is the logged one.
  // Beyond it, one that holds is kept: it may be a newer log's.
  Status restore_intake() {
    static constexpr const char* kRow =
        "SELECT i.id, i.idx, i.life, i.seq, i.last, i.kind, i.t_from, i.t_to, i.received, w.wire "
        "FROM "
        "intake i LEFT JOIN intake_wire w ON w.idx = i.idx ";
    LM_ASSIGN(auto source, from_.prepare(std::string(kRow) + "ORDER BY i.idx"));
    LM_ASSIGN(auto there, db_.prepare(std::string(kRow) + "WHERE i.idx = ?"));
    LM_ASSIGN(auto put, db_.prepare("INSERT OR REPLACE INTO intake(id, idx, life, seq, last, kind, "
                                    "t_from, t_to, received) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    LM_ASSIGN(auto put_wire,
              db_.prepare("INSERT OR REPLACE INTO intake_wire(wire, idx) VALUES(?, ?)"));
    while (true) {
      LM_ASSIGN(bool row, source.step());
      if (!row) return {};
      const std::uint64_t idx = source.u64(1);
      LM_ASSIGN(bool has, there.bind(1, idx).step());
      const bool same = has && equal(source, there);
      const bool keep = has && !same && idx >= logged_ && holds(there);
      there.reset();
      out_.kept += keep ? 1 : 0;
      if (same || keep) continue;
      for (int c = 0; c < 9; ++c) put.bind_column(c + 1, source, c);
      LM_TRY(put.run());
      LM_TRY(put_wire.bind_column(1, source, 9).bind(2, idx).run());
      name(fmt::format("intake row {}", idx));
    }
  }

  static bool equal(const store::Query& a, const store::Query& b) {
    for (int c = 1; c < 9; ++c) {
      if (a.integer(c) != b.integer(c)) return false;
    }
    return std::ranges::equal(a.blob(0), b.blob(0)) && std::ranges::equal(a.blob(9), b.blob(9));
  }

  static bool equal(const CopyTable& t, const store::Query& a, const store::Query& b) {
    for (std::size_t c = 0; c < t.types.size(); ++c) {
      const auto x = CopyValue::of(a, static_cast<int>(c), t.types[c]);
      const auto y = CopyValue::of(b, static_cast<int>(c), t.types[c]);
      if (x.type != y.type || x.number != y.number || x.bytes != y.bytes) return false;
    }
    return true;
  }

  // Rows of most tables never change: one that differs is damaged. A batch goes on, and a life: they are brought
  // back where they are missing or the audit named them.
  Status restore_table(std::string_view name_of) {
    const CopyTable* t = table(name_of);
    const bool changes = t->name == "batch" || t->name == "life";
    LM_ASSIGN(auto source, from_.prepare(fmt::format("SELECT {} FROM {}", t->columns, t->name)));
    LM_ASSIGN(auto there, db_.prepare(node::select_row(*t)));
    LM_ASSIGN(auto put, db_.prepare(put_whole(*t)));
    while (true) {
      LM_ASSIGN(bool row, source.step());
      if (!row) return {};
      for (std::size_t k = 0; k < t->keys; ++k)
        there.bind_column(static_cast<int>(k + 1), source, static_cast<int>(k));
      LM_ASSIGN(bool has, there.step());
      const bool good = has && (changes ? !batch_named(*t, source) : equal(*t, source, there));
      there.reset();
      if (good) continue;
      for (std::size_t c = 0; c < t->types.size(); ++c)
        put.bind_column(static_cast<int>(c + 1), source, static_cast<int>(c));
      LM_TRY(put.run());
      name(describe(*t, source));
    }
  }

  bool batch_named(const CopyTable& t, const store::Query& source) const {
    if (t.name != "batch") return false;
    return std::ranges::any_of(out_.report.faults, [&](const auto& f) {
      return f.table == "batch" && f.lot == source.text(6);
    });
  }

  static const CopyTable* table(std::string_view name_of) {
    for (std::uint64_t tab = 1; node::copy_table(tab) != nullptr; ++tab) {
      if (node::copy_table(tab)->name == name_of) return node::copy_table(tab);
    }
    return nullptr;
  }

  static std::string put_whole(const CopyTable& t) {
    std::string places = "?";
    for (std::size_t i = 1; i < t.types.size(); ++i) places += ", ?";
    return fmt::format("INSERT OR REPLACE INTO {}({}) VALUES({})", t.name, t.columns, places);
  }

  std::string describe(const CopyTable& t, const store::Query& row) const {
    if (t.name == "batch") return "batch of lot " + row.text(6);
    if (t.name == "record" || t.name == "tx")
      return fmt::format("{} row {} of lot {}", t.name, row.integer(1), lot_of(row.blob(0)));
    if (t.name == "answer") return "answer to an object of " + std::to_string(row.integer(2));
    return fmt::format("{} row {}", t.name, row.integer(0));
  }

  std::string lot_of(ByteView start) const {
    auto q = from_.prepare("SELECT lot FROM batch WHERE start = ?");
    if (!q) return "unknown";
    const auto row = q->bind(1, start).step();
    return row && *row ? q->text(0) : "unknown";
  }

  // A step that waits in the backup and has neither left nor is waiting here.
  Status restore_waiting() {
    const CopyTable* t = table("waiting");
    LM_ASSIGN(auto source, from_.prepare(fmt::format("SELECT {} FROM waiting", t->columns)));
    LM_ASSIGN(
        auto gone,
        db_.prepare("SELECT 1 FROM record WHERE start = ?2 AND commitment = ?1 UNION ALL "
                    "SELECT 1 FROM waiting WHERE start = ?2 AND (commitment = ?1 OR step = ?3)"));
    LM_ASSIGN(auto put, db_.prepare(put_whole(*t)));
    while (true) {
      LM_ASSIGN(bool row, source.step());
      if (!row) return {};
      for (int c = 0; c < 3; ++c) gone.bind_column(c + 1, source, c);
      LM_ASSIGN(bool there, gone.step());
      gone.reset();
      if (there) continue;
      for (std::size_t c = 0; c < t->types.size(); ++c)
        put.bind_column(static_cast<int>(c + 1), source, static_cast<int>(c));
      LM_TRY(put.run());
      name("waiting step " + source.text(2) + " of lot " + lot_of(source.blob(1)));
    }
  }

  // Of records and steps that are here. One that was wrapped anew since the backup stays; a reader that was taken away
  // since comes back (docs/operate/backup.md).
  Status restore_segment_keys() {
    LM_ASSIGN(const auto held, held_commitments());
    LM_ASSIGN(auto source, from_.prepare("SELECT n, commitment, segment, reader, recipient, made, "
                                         "until FROM segment_key"));
    LM_ASSIGN(auto there, db_.prepare("SELECT recipient, made FROM segment_key WHERE commitment = "
                                      "? AND segment = ? AND reader = ?"));
    LM_ASSIGN(auto put, db_.prepare("INSERT OR REPLACE INTO segment_key(commitment, segment, "
                                    "reader, recipient, made, until) VALUES(?, ?, ?, ?, ?, ?)"));
    while (true) {
      LM_ASSIGN(bool row, source.step());
      if (!row) return {};
      const auto commitment = Digest::from(source.blob(1));
      if (!commitment || !held.contains(*commitment)) continue;
      for (int c = 1; c <= 3; ++c) there.bind_column(c, source, c);
      LM_ASSIGN(bool has, there.step());
      const bool good = has && (there.integer(1) != source.integer(5) ||
                                std::ranges::equal(there.blob(0), source.blob(4)));
      there.reset();
      if (good) continue;
      for (int c = 1; c <= 6; ++c) put.bind_column(c, source, c);
      LM_TRY(put.run());
      name(fmt::format("segment_key row {}", source.integer(0)));
    }
  }

  Result<std::set<Digest>> held_commitments() {
    LM_ASSIGN(auto q, db_.prepare("SELECT commitment FROM record UNION ALL SELECT commitment FROM "
                                  "waiting"));
    std::set<Digest> out;
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return out;
      if (const auto c = Digest::from(q.blob(0))) out.insert(*c);
    }
  }

  // Each life stands where its newest row says. While rows are missing none goes back: that row may be one of them.
  Status set_lives() {
    LM_ASSIGN(auto hole, db_.prepare("SELECT max(idx) + 1 IS NOT count(*) FROM intake"));
    LM_TRY(hole.step());
    const bool whole = hole.integer(0) == 0;
    LM_ASSIGN(auto lives, db_.prepare("SELECT n FROM life"));
    LM_ASSIGN(auto newest,
              db_.prepare("SELECT i.last, i.kind, i.id, w.wire FROM intake i JOIN intake_wire w "
                          "USING(idx) WHERE i.life = ? ORDER BY i.seq DESC LIMIT 1"));
    LM_ASSIGN(auto set, db_.prepare("UPDATE life SET seq = ?1, id = ?2 WHERE n = ?3 AND (?4 OR seq "
                                    "< ?1) AND (seq IS NOT ?1 OR "
                                    "id IS NOT ?2)"));
    while (true) {
      LM_ASSIGN(bool row, lives.step());
      if (!row) return {};
      LM_ASSIGN(bool any, newest.bind(1, lives.u64(0)).step());
      if (!any) continue;
      std::optional<Digest> end = Digest::from(newest.blob(2));
      if (newest.integer(1) == 1) {
        LM_ASSIGN(auto gap, open<Gap>(newest.blob(3), chain_));
        end = gap.body.lost;
      }
      const std::uint64_t seq = newest.u64(0);
      newest.reset();
      LM_TRY(set.bind(1, seq).bind(2, end).bind(3, lives.u64(0)).bind(4, whole ? 1 : 0).run());
      if (db_.changes() != 0) name("life row " + std::to_string(lives.u64(0)));
    }
  }

  const store::Database& from_;
  const store::Database& db_;
  Digest chain_;
  std::uint64_t logged_;
  RestoredRows& out_;
  WireReader reader_;
};

// The head that the chain logged last of whoever's rows these are.
Result<std::uint64_t> logged_size(const fs::path& chain_db, const store::Database& rows,
                                  ByteView anchor) {
  LM_ASSIGN(auto chain, chain::PublicChain::open(chain_db, anchor, true));
  std::uint64_t out = 0;
  LM_ASSIGN(auto q, rows.prepare("SELECT device FROM life"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    const auto kid = KeyId::from(q.blob(0));
    const auto* device = kid ? chain.enrolled(*kid) : nullptr;
    if (device == nullptr) continue;
    for (const auto& m : chain.statements().newest().members) {
      if (m.organisation != device->organisation || !m.has(Role::kKeeping)) continue;
      if (const auto head = chain.logged_head(m.kid, LogKind::kIntake))
        out = std::max(out, head->size);
    }
  }
}

Result<std::int64_t> schema_of(const fs::path& file) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("PRAGMA user_version"));
  LM_TRY(q.step());
  return q.integer(0);
}

// Of an older program: its tables are not yet those of the folder.
Result<bool> is_older(const fs::path& backup, const fs::path& data_dir) {
  for (const char* name : {"chain.db", "private.db"}) {
    LM_ASSIGN(const auto had, schema_of(backup / name));
    LM_ASSIGN(const auto has, schema_of(data_dir / name));
    if (had < has) return true;
  }
  return false;
}

Result<RestoredRows> restore_from(const fs::path& source, const Manifest& manifest,
                                  const fs::path& data_dir, ByteView anchor, Time now) {
  LM_ASSIGN(auto whole, chain::audit(source / "private.db", source / "chain.db", anchor));
  if (!whole.ok())
    return fail(Errc::kCorrupt, (source / "private.db").string() + " does not hold itself: " +
                                    chain::to_line(whole.faults.front()));
  RestoredRows out;
  LM_ASSIGN(out.report, chain::audit(data_dir / "private.db", data_dir / "chain.db", anchor));
  if (!out.report.node.empty() && !whole.node.empty() && out.report.node != whole.node)
    return fail(Errc::kConflict, source.string() + " is of " + whole.node + "'s node, " +
                                     data_dir.string() + " of " + out.report.node + "'s");
  {
    LM_ASSIGN(auto from, store::Database::open(source / "private.db", {.read_only = true}));
    LM_ASSIGN(auto db, chain::open_private(data_dir / "private.db"));
    LM_ASSIGN(const auto logged, logged_size(data_dir / "chain.db", from, anchor));
    RowRestore rows(from, db, manifest.chain, std::min(logged, manifest.intake_size), out);
    LM_TRY(db.transaction([&]() -> Status {
      LM_TRY(rows.run());
      return out.rows.empty() ? Status() : note_resumed(db, now);
    }));
    if (misses_terms(out.report)) LM_TRY(node::index_events(db, node::Indexed::kAll));
    LM_TRY(db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  LM_ASSIGN(out.report, chain::audit(data_dir / "private.db", data_dir / "chain.db", anchor));
  if (out.report.ok()) LM_TRY(lift_stops(data_dir / "private.db"));
  return out;
}

}  // namespace

Result<RestoredRows> restore_rows(const fs::path& backup, const fs::path& data_dir, ByteView anchor,
                                  Time now) {
  LM_ASSIGN(auto lock, store::FolderLock::take(data_dir));
  LM_ASSIGN(auto manifest, read_manifest(backup));
  LM_TRY(check_files(backup, manifest));
  const fs::path part = data_dir / "restore-rows.part";  // what an interrupted attempt left goes
  std::error_code ec;
  fs::remove_all(part, ec);
  LM_ASSIGN(const bool older, is_older(backup, data_dir));
  if (!older) return restore_from(backup, manifest, data_dir, anchor, now);
  if (Status s = copy_migrated(backup, part, manifest); !s) return undone(s.error(), part, backup);
  auto done = restore_from(part, manifest, data_dir, anchor, now);
  if (!done) return undone(done.error(), part, backup);
  fs::remove_all(part, ec);
  if (ec) return fail(Errc::kIo, "cannot take " + part.string() + " away: " + ec.message());
  return done;
}

}  // namespace lotmark::backup
