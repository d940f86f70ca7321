#include "ledger-node/order/statement_store.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE approval(
  change BLOB NOT NULL, kid BLOB NOT NULL, draft BLOB NOT NULL, PRIMARY KEY(change, kid)) WITHOUT ROWID;
CREATE TABLE hold(
  only_one INTEGER PRIMARY KEY CHECK(only_one = 1), change BLOB NOT NULL, until INTEGER NOT NULL);
-- As the root key signed it, at one place of the chain.
CREATE TABLE statement(only_one INTEGER PRIMARY KEY CHECK(only_one = 1), object BLOB NOT NULL);
)sql";

}  // namespace

Result<StatementStore> StatementStore::open(const std::filesystem::path& file) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kSchema}));
  return StatementStore(std::move(db));
}

Result<std::vector<Approval>> StatementStore::approvals() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT change, kid, draft FROM approval ORDER BY change, kid"));
  std::vector<Approval> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto change, q.fixed<Digest>(0));
    LM_ASSIGN(auto by, q.fixed<KeyId>(1));
    out.push_back({change, by, to_bytes(q.blob(2))});
  }
}

Status StatementStore::approve(const Approval& a) {
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO approval(change, kid, draft) "
                                "VALUES(?, ?, ?)"));
  return q.bind(1, a.change).bind(2, a.by).bind(3, a.draft).run();
}

Status StatementStore::withdraw(const Digest& change, const KeyId& by) {
  LM_ASSIGN(auto q, db_.prepare("DELETE FROM approval WHERE change = ? AND kid = ?"));
  return q.bind(1, change).bind(2, by).run();
}

Result<std::optional<Hold>> StatementStore::hold() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT change, until FROM hold"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return std::optional<Hold>();
  LM_ASSIGN(auto change, q.fixed<Digest>(0));
  return std::optional(Hold{change, q.u64(1)});
}

Status StatementStore::set_hold(const std::optional<Hold>& hold) {
  if (!hold) return db_.exec("DELETE FROM hold");
  LM_ASSIGN(auto q,
            db_.prepare("INSERT OR REPLACE INTO hold(only_one, change, until) VALUES(1, ?, ?)"));
  return q.bind(1, hold->change).bind(2, hold->until).run();
}

Result<std::optional<Bytes>> StatementStore::statement() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT object FROM statement"));
  LM_ASSIGN(bool row, q.step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

Status StatementStore::set_statement(const std::optional<Bytes>& object) {
  if (!object) return db_.exec("DELETE FROM statement");
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO statement(only_one, object) VALUES(1, ?)"));
  return q.bind(1, *object).run();
}

Status StatementStore::forget_all() {
  return db_.transaction([&]() -> Status {
    LM_TRY(db_.exec("DELETE FROM approval"));
    LM_TRY(db_.exec("DELETE FROM hold"));
    return db_.exec("DELETE FROM statement");
  });
}

}  // namespace lotmark::node
