// SQLite with owners: WAL, synchronous=FULL, numbered migrations. One Database a thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lotmark::store {

struct Options {
  bool read_only = false;
  bool secure_delete = false;  // private.db: what is deleted is overwritten
  unsigned mode = 0600;        // of a file that is made; one that has wider rights is narrowed
};

class Database;
class IdleStatements;

// A prepared statement. Bind places from 1; step until false; columns from 0. A blob or text view is valid
// until the next step or reset.
class Query {
 public:
  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;
  ~Query();

  Query& bind(int place, std::int64_t value);
  Query& bind(int place, std::uint64_t value) {
    return bind(place, static_cast<std::int64_t>(value));
  }
  Query& bind(int place, int value) { return bind(place, static_cast<std::int64_t>(value)); }
  Query& bind(int place, std::string_view text);
  Query& bind(int place, const char* text) { return bind(place, std::string_view(text)); }
  Query& bind(int place, ByteView blob);
  Query& bind(int place, const Bytes& blob) { return bind(place, ByteView(blob)); }
  Query& bind(int place, std::nullptr_t);
  template <std::size_t N, class Tag>
  Query& bind(int place, const Fixed<N, Tag>& f) {
    return bind(place, f.view());
  }
  // Not copied: the bytes must stay until the step that uses them is over and the place is bound anew.
  Query& bind_view(int place, ByteView blob);
  // A column of another query's present row, of whatever type it is.
  Query& bind_column(int place, const Query& row, int column);
  template <class T>
  Query& bind(int place, const std::optional<T>& v) {
    return v ? bind(place, *v) : bind(place, nullptr);
  }

  // True with a row, false at the end; then the statement can be bound anew.
  Result<bool> step();
  // Runs a statement that gives no rows.
  Status run();

  std::int64_t integer(int column) const;
  std::uint64_t u64(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string text(int column) const;
  ByteView blob(int column) const;
  bool is_null(int column) const;
  // What is stored, whatever was declared: 'i' integer, 'r' real, 't' text, 'b' blob, 'n' null.
  char type(int column) const;
  int columns() const;
  // corrupt if the blob has another size.
  template <class F>
  Result<F> fixed(int column) const {
    auto f = F::from(blob(column));
    if (!f) return fail(Errc::kCorrupt, "a stored value has the wrong size");
    return *f;
  }
  void reset();

 private:
  friend class Database;
  Query(sqlite3_stmt* stmt, sqlite3* db, std::shared_ptr<IdleStatements> home);
  sqlite3_stmt* stmt_ = nullptr;
  sqlite3* db_ = nullptr;
  std::shared_ptr<IdleStatements> home_;
  Errc bind_error_ = Errc::kOk;
};

class Database {
 public:
  // ":memory:" for a database that nobody else sees. store or io with the file's name; denied if it has wider
  // rights than `mode` and they cannot be taken away, or is a link.
  static Result<Database> open(const std::filesystem::path& file, const Options& options = {});
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Brings user_version from what it is to migrations.size(), each step in a transaction of its own.
  // corrupt if the file is newer than this program.
  Status migrate(std::initializer_list<std::string_view> migrations);

  // SQLite reads the text once: a Query that is over leaves its statement for the next with the same text.
  Result<Query> prepare(std::string_view sql) const;
  Status exec(std::string_view sql) const;
  std::int64_t last_rowid() const;
  std::int64_t changes() const;

  // Runs `work` inside BEGIN IMMEDIATE; commits if it is done, rolls back on its error and gives that.
  Status transaction(const std::function<Status()>& work) const;

 private:
  explicit Database(sqlite3* db);
  sqlite3* db_ = nullptr;
  std::shared_ptr<IdleStatements> idle_;
};

}  // namespace lotmark::store
