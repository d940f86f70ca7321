#include "ledger-node/backup/restore_serials.h"

#include <fmt/format.h>

#include "core/wire/sign1.h"

namespace lotmark::backup {

namespace {

class SerialRestore {
 public:
  SerialRestore(const store::Database& from, const store::Database& db, const Digest& chain,
                const std::function<void(std::string)>& name)
      : from_(from), db_(db), chain_(chain), name_(name) {}

  Status run() {
    LM_ASSIGN(auto lots, from_.prepare("SELECT start, salt, count, root FROM lot_items"));
    while (true) {
      LM_ASSIGN(const bool row, lots.step());
      if (!row) return {};
      LM_ASSIGN(const bool same, same_here(lots));
      LM_ASSIGN(const bool named, named_here(lots));
      if (!same && !named) continue;
      if (!same) LM_TRY(put_items(lots));
      LM_TRY(restore_pages(lots));
    }
  }

 private:
  Result<bool> same_here(const store::Query& lot) {
    LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM lot_items WHERE start = ? AND salt = ? AND "
                                  "count = ? AND root = ?"));
    for (int c = 0; c < 4; ++c) q.bind_column(c + 1, lot, c);
    return q.step();
  }

  // Whether the application that stands here is of these serials; keeps what the lot is called.
  Result<bool> named_here(const store::Query& lot) {
    LM_ASSIGN(auto q, db_.prepare("SELECT lot, application FROM batch WHERE start = ?"));
    q.bind_column(1, lot, 0);
    LM_ASSIGN(const bool row, q.step());
    lot_ = row ? q.text(0) : "unknown";
    if (!row || q.is_null(1)) return false;
    const auto application = open<Application>(q.blob(1), chain_);
    if (!application || !application->body.items) return false;
    const Checkpoint& items = *application->body.items;
    return items.size == lot.u64(2) && Digest::from(lot.blob(3)) == items.root;
  }

  Status put_items(const store::Query& lot) {
    LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO lot_items(start, salt, count, root) "
                                  "VALUES(?, ?, ?, ?)"));
    for (int c = 0; c < 4; ++c) q.bind_column(c + 1, lot, c);
    name_("lot_items of lot " + lot_);
    return q.run();
  }

  // By their places: a page that was sealed again has another number.
  Status restore_pages(const store::Query& lot) {
    LM_ASSIGN(auto pages, from_.prepare("SELECT start, page, first, root, entries FROM lot_serials "
                                        "WHERE start = ? ORDER BY page"));
    LM_ASSIGN(auto there, db_.prepare("SELECT 1 FROM lot_serials WHERE start = ? AND page = ? AND "
                                      "first = ? AND root = ? AND entries = ?"));
    LM_ASSIGN(auto drop, db_.prepare("DELETE FROM lot_serials WHERE start = ? AND page = ?"));
    LM_ASSIGN(auto put, db_.prepare("INSERT INTO lot_serials(start, page, first, root, entries) "
                                    "VALUES(?, ?, ?, ?, ?)"));
    pages.bind_column(1, lot, 0);
    std::uint64_t count = 0;
    for (;; ++count) {
      LM_ASSIGN(const bool row, pages.step());
      if (!row) break;
      for (int c = 0; c < 5; ++c) there.bind_column(c + 1, pages, c);
      LM_ASSIGN(const bool good, there.step());
      there.reset();
      if (good) continue;
      LM_TRY(drop.bind_column(1, pages, 0).bind_column(2, pages, 1).run());
      for (int c = 0; c < 5; ++c) put.bind_column(c + 1, pages, c);
      LM_TRY(put.run());
      name_(fmt::format("lot_serials page {} of lot {}", pages.integer(1), lot_));
    }
    return drop_beyond(lot, count);
  }

  Status drop_beyond(const store::Query& lot, std::uint64_t count) {
    LM_ASSIGN(auto q, db_.prepare("DELETE FROM lot_serials WHERE start = ?1 AND (page >= ?2 OR "
                                  "page < 0)"));
    LM_TRY(q.bind_column(1, lot, 0).bind(2, count).run());
    if (db_.changes() != 0) name_(fmt::format("lot_serials beyond page {} of lot {}", count, lot_));
    return {};
  }

  const store::Database& from_;
  const store::Database& db_;
  Digest chain_;
  const std::function<void(std::string)>& name_;
  std::string lot_;
};

}  // namespace

Status restore_serials(const store::Database& from, const store::Database& db, const Digest& chain,
                       const std::function<void(std::string)>& name) {
  return SerialRestore(from, db, chain, name).run();
}

}  // namespace lotmark::backup
