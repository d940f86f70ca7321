// What a supervisory node knows of the next membership statement: who approved which draft, for which one the order is
// held up and until when, and the statement the root key signed (statements.db).
#pragma once

#include "core/store/database.h"
#include "core/wire/values.h"

namespace lotmark::node {

struct Approval {
  Digest change;
  KeyId by;
  Bytes draft;
};

struct Hold {
  Digest change;
  std::uint64_t until = 0;  // ms UTC
  bool operator==(const Hold&) const = default;
};

class StatementStore {
 public:
  static Result<StatementStore> open(const std::filesystem::path& file);

  Result<std::vector<Approval>> approvals() const;
  Status approve(const Approval& approval);
  Status withdraw(const Digest& change, const KeyId& by);
  Result<std::optional<Hold>> hold() const;
  Status set_hold(const std::optional<Hold>& hold);
  Result<std::optional<Bytes>> statement() const;
  Status set_statement(const std::optional<Bytes>& object);
  Status forget_all();

 private:
  explicit StatementStore(store::Database db) : db_(std::move(db)) {}
  store::Database db_;
};

}  // namespace lotmark::node
