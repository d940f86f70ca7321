#include <fcntl.h>
#include <unistd.h>

#include "core/base/whole_file.h"
#include "core/merkle/tree.h"
#include "core/wire/sign1.h"
#include "ledger-node/backup/backup.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/standby/event_rows.h"
#include "ledger-node/standby/follower.h"

namespace lotmark::backup {

namespace {

namespace fs = std::filesystem;

// In the order in which they are copied: nothing in a later one is older than what an earlier one says.
// Not order.db: what an old one promised would be ordered again. Not statements.db: what an old one held, or the root
// key had signed, may be of a place that is taken since.
constexpr std::string_view kDatabases[] = {"chain.db", "submissions.db", "evidence.db", "marks.db",
                                           "private.db"};

Status copy_database(const fs::path& from, const fs::path& to) {
  // Made by us first, so that it never exists with a wider mode.
  const int fd = ::open(to.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Errc::kIo, "cannot make " + to.string());
  ::close(fd);
  LM_ASSIGN(auto db, store::Database::open(from, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("VACUUM INTO ?"));
  Status done = q.bind(1, std::string_view(to.string())).run();
  if (!done) return fail(done.code(), from.string() + ": " + done.error().text);
  return {};
}

Status look_at_chain(const fs::path& file, Manifest& m) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto q,
            db.prepare("SELECT bytes, (SELECT count(*) FROM block) FROM block WHERE number = 0"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return fail(Errc::kCorrupt, file.string() + ": block 0 is missing");
  LM_ASSIGN(auto genesis, open_genesis(q.blob(0)));
  m.chain = genesis.id;
  m.blocks = q.u64(1);
  return {};
}

Status look_at_rows(const fs::path& file, Manifest& m) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("SELECT idx, id FROM intake ORDER BY idx"));
  merkle::CompactRange tree;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const auto id = Digest::from(q.blob(1));
    if (q.u64(0) != tree.size() || !id)
      return fail(Errc::kCorrupt, file.string() + ": intake row " + std::to_string(tree.size()) +
                                      " is missing or damaged: restore it first");
    tree.append(merkle::leaf_hash(id->view()));
  }
  m.intake_size = tree.size();
  m.intake_root = tree.size() == 0 ? merkle::empty_root() : tree.root();
  LM_ASSIGN(auto copy, node::read_copy_state(db));
  m.of_standby = copy.has_value();
  return {};
}

// Of a standby between two answers of its source: rows that follow from others are made before the copy is sealed.
Status settle_copy(const fs::path& file) {
  {
    LM_ASSIGN(const auto db, store::Database::open(file, {.read_only = true}));
    LM_ASSIGN(auto tables, db.prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('copy', "
                                      "'event_span')"));
    LM_TRY(tables.step());
    if (tables.u64(0) != 2) return {};  // of an older program
    LM_ASSIGN(const auto copy, node::read_copy_state(db));
    if (!copy) return {};
  }
  LM_ASSIGN(auto db, chain::open_private(file));
  LM_TRY(node::settle_events(db));
  return db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
}

Status make_private_folder(const fs::path& folder) {
  std::error_code ec;
  fs::remove_all(folder, ec);
  if (ec || !fs::create_directory(folder, ec) || ec)
    return fail(Errc::kIo, "cannot make " + folder.string() + ": " + ec.message());
  fs::permissions(folder, fs::perms::owner_all, ec);
  return ec ? fail(Errc::kIo, folder.string() + ": " + ec.message()) : Status();
}

}  // namespace

Status forget_standing(const fs::path& chain_db) {
  LM_ASSIGN(auto db, store::Database::open(chain_db));
  LM_TRY(
      db.exec("BEGIN; DELETE FROM standing; DELETE FROM starting; DELETE FROM own_vote; COMMIT"));
  LM_ASSIGN(auto q, db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'store'"));
  LM_ASSIGN(const bool notes, q.step());
  q.reset();
  if (notes) LM_TRY(db.exec("DELETE FROM store WHERE name != 'private.db'"));
  return db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE");
}

Result<Manifest> take_backup(const fs::path& data_dir, const fs::path& out, Time now) {
  std::error_code ec;
  if (fs::exists(out, ec)) return fail(Errc::kConflict, out.string() + " is there already");
  if (!fs::exists(data_dir / "chain.db", ec))
    return fail(Errc::kIo,
                "cannot read " + (data_dir / "chain.db").string() + ": no node's folder");
  const fs::path part = out.string() + ".part";
  LM_TRY(make_private_folder(part));
  Manifest m;
  m.made = static_cast<std::uint64_t>(to_ms(now));
  m.intake_root = merkle::empty_root();
  for (const auto name : kDatabases) {
    if (!fs::exists(data_dir / name, ec)) continue;
    LM_TRY(copy_database(data_dir / name, part / name));
    if (name == "chain.db") {
      LM_TRY(forget_standing(part / name));
      LM_TRY(look_at_chain(part / name, m));
    }
    if (name == "private.db") {
      LM_TRY(settle_copy(part / name));
      LM_TRY(look_at_rows(part / name, m));
    }
    LM_ASSIGN(auto file, seal_file(part, std::string(name)));
    m.files.push_back(std::move(file));
  }
  LM_TRY(write_manifest(part, m));
  fs::rename(part, out, ec);
  if (ec) return fail(Errc::kIo, "cannot make " + out.string() + ": " + ec.message());
  LM_TRY(sync_folder(fs::absolute(out).parent_path()));
  return m;
}

}  // namespace lotmark::backup
