#include "core/store/idle_statements.h"

#include <sqlite3.h>

namespace lotmark::store {

namespace {
constexpr std::size_t kMost = 200;  // more texts than any of our databases is asked with
}

sqlite3_stmt* IdleStatements::take(std::string_view sql) {
  const auto at = idle_.find(sql);
  if (at == idle_.end()) return nullptr;
  sqlite3_stmt* stmt = at->second;
  idle_.erase(at);
  return stmt;
}

void IdleStatements::put(sqlite3_stmt* stmt) {
  if (closed_ || idle_.size() >= kMost) {
    sqlite3_finalize(stmt);
    return;
  }
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  idle_.emplace(sqlite3_sql(stmt), stmt);
}

void IdleStatements::close() {
  for (const auto& [sql, stmt] : idle_) sqlite3_finalize(stmt);
  idle_.clear();
  closed_ = true;
}

}  // namespace lotmark::store
