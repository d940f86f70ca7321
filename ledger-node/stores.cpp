#include "ledger-node/stores.h"

#include "ledger-node/chain/public/memory_sum.h"

namespace lotmark::node {

namespace {

Result<bool> noted(const chain::PublicChain& chain, std::string_view name) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT 1 FROM store WHERE name = ?"));
  return q.bind(1, name).step();
}

// One that was begun has tables: an empty file, or a database nobody has put anything in, is none.
Result<bool> begun(const std::filesystem::path& file) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("PRAGMA user_version"));
  LM_ASSIGN(bool row, q.step());
  return row && q.integer(0) > 0;
}

}  // namespace

Status check_store(const chain::PublicChain& chain, const std::filesystem::path& data_dir,
                   std::string_view name) {
  LM_ASSIGN(const bool used, noted(chain, name));
  if (!used) return {};
  const auto file = data_dir / name;
  const auto there = begun(file);
  if (there && *there) return {};
  const std::string_view way_out =
      name == "private.db"
          ? "bring it back from this disk, or the folder from a backup (lotmark restore) or the "
            "standby (lotmark standby promote)"
          : "bring it back from this disk, or make the folder anew by lotmark backup and lotmark "
            "restore, which ask the others what this node promised";
  return fail(Errc::kCorrupt, file.string() + " is " + (there ? "empty" : "missing or unreadable") +
                                  ", and this node has used it: it is not begun anew, since it "
                                  "would forget what it holds; " +
                                  std::string(way_out));
}

Status note_store(const chain::PublicChain& chain, std::string_view name) {
  LM_ASSIGN(const bool is_noted, noted(chain, name));
  if (is_noted) return {};
  LM_ASSIGN(auto q, chain.database().prepare("INSERT INTO store(name, sum) VALUES(?, ?)"));
  return q.bind(1, name).bind(2, chain::memory_sum("store", 0, 0, as_bytes(name), {})).run();
}

}  // namespace lotmark::node
