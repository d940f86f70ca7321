#include "core/base/whole_file.h"
#include "core/merkle/tree.h"
#include "ledger-node/backup/backup.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/chain/public/schema.h"
#include "ledger-node/standby/event_rows.h"

namespace lotmark::backup {

namespace {

namespace fs = std::filesystem;

Status check_target(const fs::path& into) {
  std::error_code ec;
  if (!fs::exists(into, ec)) return {};
  if (!fs::is_directory(into, ec))
    return fail(Errc::kConflict, into.string() + " is there and no folder");
  if (!fs::is_empty(into, ec))
    return fail(Errc::kConflict, into.string() +
                                     " is not empty: a whole restore makes a new folder; "
                                     "--rows brings back single rows");
  return {};
}

Status copy_files(const fs::path& backup, const fs::path& part, const Manifest& m) {
  std::error_code ec;
  fs::remove_all(part, ec);
  fs::create_directories(part.parent_path(), ec);
  if (!fs::create_directory(part, ec) || ec)
    return fail(Errc::kIo, "cannot make " + part.string() + ": " + ec.message());
  fs::permissions(part, fs::perms::owner_all, ec);
  for (const auto& f : m.files) LM_TRY(copy_whole(backup / f.name, part / f.name));
  return check_files(part, m);  // what was copied is what was sealed
}

std::string all_lines(const chain::AuditReport& report) {
  constexpr std::size_t kShown = 20;
  std::string out;
  for (std::size_t i = 0; i < report.faults.size() && i < kShown; ++i)
    out += "\n" + chain::to_line(report.faults[i]);
  if (report.faults.size() > kShown)
    out += "\nand " + std::to_string(report.faults.size() - kShown + report.more) + " more";
  return out;
}

// Of a node that was founded a moment ago: there is nothing to hold against the chain, nor to say whose they are.
Result<bool> holds_nothing(const fs::path& private_db) {
  LM_ASSIGN(const auto db, store::Database::open(private_db, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("SELECT NOT EXISTS(SELECT 1 FROM intake) AND NOT EXISTS(SELECT 1 "
                               "FROM received) AND NOT EXISTS(SELECT 1 FROM moved)"));
  LM_TRY(q.step());
  return q.u64(0) == 1;
}

// A backup that an older program made, brought to this one's tables; what follows from captured events, made anew: a
// standby's backup may lack it.
Status migrate_copy(const fs::path& folder, const Manifest& m) {
  {
    LM_ASSIGN(auto db, store::Database::open(folder / "chain.db"));
    LM_TRY(chain::migrate_chain(db));
    LM_TRY(db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  if (m.find("private.db") == nullptr) return {};
  LM_ASSIGN(auto db, chain::open_private(folder / "private.db"));
  LM_TRY(node::settle_events(db));
  return db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

// Every row against the chain that came with it, down to the devices' signatures.
Result<chain::AuditReport> check_rows(const fs::path& folder, ByteView anchor, const Manifest& m) {
  bool none = m.find("private.db") == nullptr;
  if (!none) {
    LM_ASSIGN(none, holds_nothing(folder / "private.db"));
  }
  if (none) {
    LM_ASSIGN(auto chain, chain::PublicChain::open(folder / "chain.db", anchor, true));
    chain::AuditReport report;
    report.blocks = chain.size() - 1;
    return report;
  }
  LM_ASSIGN(auto report, chain::audit(folder / "private.db", folder / "chain.db", anchor));
  if (!report.ok())
    return fail(Errc::kCorrupt, (folder / "private.db").string() +
                                    " does not hold, nothing was restored:" + all_lines(report));
  return report;
}

}  // namespace

Status note_resumed(const store::Database& private_db, Time now) {
  LM_TRY(private_db.exec("DELETE FROM copy"));
  LM_ASSIGN(auto q, private_db.prepare("INSERT OR REPLACE INTO resumed(one, at) VALUES(1, ?)"));
  return q.bind(1, to_ms(now)).run();
}

Status mark_resumed(const fs::path& private_db, Time now) {
  LM_ASSIGN(auto db, chain::open_private(private_db));
  LM_TRY(db.transaction([&] { return note_resumed(db, now); }));
  return db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

Status lift_stops(const fs::path& private_db) {
  LM_ASSIGN(auto db, chain::open_private(private_db));
  LM_TRY(db.exec("DELETE FROM stopped"));
  return db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

Status copy_migrated(const fs::path& backup, const fs::path& part, const Manifest& manifest) {
  Manifest rows = manifest;
  std::erase_if(rows.files,
                [](const auto& f) { return f.name != "chain.db" && f.name != "private.db"; });
  LM_TRY(copy_files(backup, part, rows));
  return migrate_copy(part, rows);
}

// What does not hold is not left lying about, and is named where it came from.
Error undone(Error e, const fs::path& part, const fs::path& backup) {
  std::error_code ec;
  fs::remove_all(part, ec);
  const std::string name = part.string();
  for (auto at = e.text.find(name); at != e.text.npos; at = e.text.find(name, at))
    e.text.replace(at, name.size(), backup.string());
  return e;
}

Result<Restored> restore(const fs::path& backup, const fs::path& into, ByteView anchor, Time now) {
  LM_TRY(check_target(into));
  Restored out;
  LM_ASSIGN(out.manifest, read_manifest(backup));
  if (out.manifest.find("chain.db") == nullptr)
    return fail(Errc::kCorrupt, (backup / kManifest).string() + ": names no chain.db");
  LM_TRY(check_files(backup, out.manifest));
  const fs::path target = fs::absolute(into).lexically_normal();
  const fs::path whole = target.has_filename() ? target : target.parent_path();
  const fs::path part = whole.string() + ".part";
  const Status copied = copy_files(backup, part, out.manifest);
  if (!copied) return undone(copied.error(), part, backup);
  if (Status s = migrate_copy(part, out.manifest); !s) return undone(s.error(), part, backup);
  auto report = check_rows(part, anchor, out.manifest);
  if (!report) return undone(report.error(), part, backup);
  out.report = std::move(*report);
  LM_TRY(forget_standing(part / "chain.db"));
  if (out.manifest.find("private.db") != nullptr) {
    LM_TRY(mark_resumed(part / "private.db", now));
    LM_TRY(lift_stops(part / "private.db"));
  }
  LM_TRY(sync_folder(part));
  std::error_code ec;
  fs::rename(part, whole, ec);  // over an empty folder too
  if (ec) return fail(Errc::kIo, "cannot make " + whole.string() + ": " + ec.message());
  LM_TRY(sync_folder(whole.parent_path()));
  return out;
}

}  // namespace lotmark::backup
