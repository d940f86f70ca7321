#include "ledger-node/chain/public/rebuild.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "core/base/log.h"
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/rebuild_cut.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsAtOnce = 256;

fs::path beside(const fs::path& file, std::string_view end) {
  return file.string() + std::string(end);
}
fs::path asked_file(const fs::path& file) { return beside(file, ".rebuild"); }
fs::path swap_file(const fs::path& file) { return beside(file, ".swap"); }
fs::path new_file(const fs::path& file) { return beside(file, ".new"); }

Status io(const std::string& doing, const std::error_code& ec) {
  return ec ? Status(fail(Errc::kIo, doing + ": " + ec.message())) : Status();
}

Status sync(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  const int code = errno;
  if (fd >= 0) ::close(fd);
  return done ? Status() : fail(Errc::kIo, path.string() + ": " + std::strerror(code));
}

// Empty, there after a crash.
Status make_mark(const fs::path& mark) {
  const int fd = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return system_error(mark.string());
  ::close(fd);
  return sync(mark.parent_path());
}

Status remove_file(const fs::path& path) {
  std::error_code ec;
  fs::remove(path, ec);
  return io("cannot remove " + path.string(), ec);
}

Status move_file(const fs::path& from, const fs::path& to) {
  std::error_code ec;
  if (!fs::exists(from, ec)) return {};
  fs::rename(from, to, ec);
  return io("cannot move " + from.string(), ec);
}

// The first that is free: a swap that goes on takes the one it began with.
fs::path aside_name(const fs::path& file) {
  for (unsigned n = 1;; ++n) {
    fs::path name = beside(file, ".aside-" + std::to_string(n));
    if (!fs::exists(name)) return name;
  }
}

// A file that is not damaged but somebody else's.
Status is_ours(const store::Database& old, const PublicChain& fresh) {
  const auto version = [](const store::Database& db) -> std::uint64_t {
    auto q = db.prepare("PRAGMA user_version");
    const auto row = q ? q->step() : Result<bool>(false);
    return row && *row ? q->u64(0) : 0;
  };
  if (version(old) > version(fresh.database()))
    return fail(Errc::kConflict, "chain.db is of a newer program");
  auto q = old.prepare("SELECT bytes FROM block WHERE number = 0");
  if (!q) return {};
  const auto row = q->step();
  if (!row || !*row) return {};
  const auto genesis = open_genesis(q->blob(0));
  if (genesis && genesis->id != fresh.chain_id())
    return fail(Errc::kConflict, "chain.db is of another consortium than the anchor");
  return {};
}

// As far as they follow one another.
void copy_blocks(const store::Database& old, PublicChain& fresh, Time now) {
  const auto q = Rows(old).read("SELECT 1 FROM block LIMIT 1");
  if (!q) return;
  const Rows rows(old);
  while (true) {
    std::vector<Bytes> run;
    while (run.size() < kRowsAtOnce) {
      const auto found = rows.read("SELECT bytes FROM block WHERE number = ?",
                                   {Cell::of(fresh.size() + run.size())});
      if (!found || found->empty()) break;
      run.push_back(found->front()[0].bytes);
    }
    if (run.empty()) return;
    if (fresh.adopt(run, now)) continue;
    for (const auto& block : run) {
      if (!fresh.append(block, now)) return;
    }
  }
}

// The newest, and the newest before each new root key, which old receipts show; the others are of use to nobody.
void copy_votes(const store::Database& old, PublicChain& fresh) {
  constexpr std::size_t kNewest = 1024;
  const Rows rows(old);
  std::vector<std::uint64_t> up_to{fresh.size()};
  for (const std::uint64_t epoch : fresh.statements().rolled_at()) {
    if (const auto first = fresh.statements().first_of(epoch)) up_to.push_back(*first);
  }
  for (const std::uint64_t size : up_to) {
    const auto votes = rows.read("SELECT bytes FROM vote WHERE size <= ? ORDER BY size DESC",
                                 {Cell::of(size)}, kNewest);
    if (!votes) return;
    for (const auto& v : *votes) (void)fresh.add_vote(v[0].bytes);
  }
}

std::uint64_t copy_disclosures(const store::Database& old, PublicChain& fresh, Time now) {
  const Rows rows(old);
  std::uint64_t taken = 0;
  Cell last = Cell::of(std::uint64_t{0});
  while (true) {
    const auto found = rows.read(
        "SELECT block, disclosure, samples FROM disclosure WHERE block > ? ORDER BY block", {last},
        kRowsAtOnce);
    if (!found || found->empty()) return taken;
    for (const auto& r : *found) {
      const auto told = decode<Disclosure>(r[1].bytes);
      const auto shown = decode<Receipt>(r[2].bytes);
      if (!told || !shown) continue;
      const auto number = static_cast<std::uint64_t>(r[0].number);
      taken += fresh.add_disclosure(number, *told, shown->samples, now) ? 1 : 0;
    }
    last = found->back()[0];
  }
}

// All of it proves itself, and SQLite finds nothing wrong with its tables; else nothing of it counts.
bool memory_is_whole(const store::Database& old, ByteView anchor) {
  const Rows rows(old);
  for (const char* table : {"standing", "own_vote", "signing", "starting", "past_vote"}) {
    const auto sound = rows.read("PRAGMA integrity_check('" + std::string(table) + "')");
    if (!sound || sound->size() != 1 || sound->front()[0] != Cell::of(std::string("ok")))
      return false;
  }
  auto check = ChainCheck::begin(old, anchor);
  if (!check) return false;
  std::vector<Fault> faults;
  for (const auto part : {CheckPart::kPastVotes, CheckPart::kMemory}) {
    check->go_on_at({part, 0, {}});
    while (check->place().part == part) {
      if (!check->step(kRowsAtOnce, faults)) return false;
    }
  }
  return std::ranges::all_of(faults, [](const Fault& f) {
    return f.remedy == Remedy::kFlag || f.remedy == Remedy::kNote;
  });
}

Status copy_memory(const store::Database& old, const store::Database& fresh) {
  const Rows from(old);
  const Rows to(fresh);
  return fresh.transaction([&]() -> Status {
    for (const auto& [table, columns] : {std::pair{"standing", "term, asker, turn, sum"},
                                         {"own_vote", "only_one, bytes, sum"},
                                         {"signing", "term, number, payload, block, sum"},
                                         {"starting", "only_one"},
                                         {"past_vote", "size, term, kid, root, bytes"}}) {
      LM_ASSIGN(auto rows, from.read(std::string("SELECT ") + columns + " FROM " + table, {},
                                     std::size_t{1} << 24));
      for (const auto& row : rows) {
        std::string places = "?";
        for (std::size_t i = 1; i < row.size(); ++i) places += ", ?";
        LM_TRY(to.run(std::string("INSERT OR REPLACE INTO ") + table + "(" + columns + ") VALUES(" +
                          places + ")",
                      row));
      }
    }
    return {};
  });
}

// As many as can be read; a file of before has none.
void copy_notes(const store::Database& old, const store::Database& fresh) {
  const auto rows = Rows(old).read("SELECT name, sum FROM store");
  for (std::size_t i = 0; rows && i < rows->size(); ++i)
    (void)Rows(fresh).run("INSERT OR IGNORE INTO store(name, sum) VALUES(?, ?)", (*rows)[i]);
}

Result<Rebuilt> fill(const fs::path& file, const fs::path& fresh_file, ByteView anchor, Time now) {
  LM_ASSIGN(auto fresh, PublicChain::open(fresh_file, anchor));
  Rebuilt out;
  auto old = store::Database::open(file, {.read_only = true, .mode = 0644});
  if (old) {
    LM_TRY(is_ours(*old, fresh));
    (void)begin_behind_cut(*old, fresh);  // or others give what it takes
    copy_blocks(*old, fresh, now);
    copy_votes(*old, fresh);
    out.disclosures = copy_disclosures(*old, fresh, now);
    copy_notes(*old, fresh.database());
    out.memory = memory_is_whole(*old, anchor) && copy_memory(*old, fresh.database());
  }
  out.blocks = fresh.size();
  LM_TRY(fresh.database().exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  return out;
}

}  // namespace

Status ask_for_rebuild(const fs::path& file) { return make_mark(asked_file(file)); }
bool rebuild_asked(const fs::path& file) { return fs::exists(asked_file(file)); }

// SQLite's own files go first: they would be taken for the new file's.
Status finish_rebuild(const fs::path& file) {
  if (!fs::exists(swap_file(file))) return {};
  if (fs::exists(new_file(file))) {
    const fs::path aside = aside_name(file);
    for (const char* end : {"-wal", "-shm", ""})
      LM_TRY(move_file(beside(file, end), beside(aside, end)));
    LM_TRY(sync(file.parent_path()));
    LM_TRY(move_file(new_file(file), file));
    LM_TRY(sync(file.parent_path()));
  }
  LM_TRY(remove_file(asked_file(file)));
  LM_TRY(remove_file(swap_file(file)));
  return sync(file.parent_path());
}

Result<Rebuilt> rebuild_chain(const fs::path& file, ByteView anchor, Time now) {
  LM_TRY(finish_rebuild(file));
  const fs::path fresh = new_file(file);
  for (const char* end : {"-wal", "-shm", ""}) LM_TRY(remove_file(beside(fresh, end)));
  auto filled = fill(file, fresh, anchor, now);
  if (!filled) {
    for (const char* end : {"-wal", "-shm", ""}) (void)remove_file(beside(fresh, end));
    return filled.error();
  }
  LM_TRY(sync(fresh));
  filled->aside = aside_name(file);
  LM_TRY(make_mark(swap_file(file)));
  LM_TRY(finish_rebuild(file));
  return filled;
}

}  // namespace lotmark::chain
