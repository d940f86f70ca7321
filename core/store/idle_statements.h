// Statements that are prepared and that nobody uses just now, by their text.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3_stmt;

namespace lotmark::store {

// Shared by a database and its queries, all in one thread at a time.
class IdleStatements {
 public:
  IdleStatements() = default;
  IdleStatements(const IdleStatements&) = delete;
  IdleStatements& operator=(const IdleStatements&) = delete;
  ~IdleStatements() { close(); }

  // One without bindings, at its beginning, the caller's from now on; null if there is none.
  sqlite3_stmt* take(std::string_view sql);
  void put(sqlite3_stmt* stmt);
  // Ends those here, and from now on those that come.
  void close();

 private:
  std::unordered_multimap<std::string_view, sqlite3_stmt*>
      idle_;  // the text is the statement's own
  bool closed_ = false;
};

}  // namespace lotmark::store
