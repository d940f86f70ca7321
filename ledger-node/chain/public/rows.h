// Rows as they are stored, whatever the table declared, to be compared cell by cell; and statements that are prepared
// once. For who checks or mends a database (check.h, mend.h).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/store/database.h"

namespace lotmark::chain {

struct Cell {
  char type = 'n';  // as in store::Query::type
  std::int64_t number = 0;
  Bytes bytes;  // of text, blob and real

  auto operator<=>(const Cell&) const = default;
  static Cell of(std::uint64_t v) { return {'i', static_cast<std::int64_t>(v), {}}; }
  static Cell of(ByteView v) { return {'b', 0, to_bytes(v)}; }
  static Cell of(const std::string& v) { return {'t', 0, to_bytes(as_bytes(v))}; }
  template <std::size_t N, class Tag>
  static Cell of(const Fixed<N, Tag>& v) {
    return of(v.view());
  }
  template <class T>
  static Cell of(const std::optional<T>& v) {
    return v ? of(*v) : Cell{};
  }
  std::uint64_t count() const { return static_cast<std::uint64_t>(number); }
  static Cell read(const store::Query& q, int column);
  void bind(store::Query& q, int place) const;
  // For people: 17, "A-1", 3f21ab00 (the first bytes).
  std::string shown() const;
};
using Cells = std::vector<Cell>;

// "number 17 kid 3f21ab00"
std::string shown(const std::vector<std::string_view>& columns, const Cells& cells);

class Rows {
 public:
  explicit Rows(const store::Database& db) : db_(&db) {}
  // The statement, reset, its places still to be bound. Valid as long as this; used by one at a time.
  Result<store::Query*> query(const std::string& sql) const;
  // All rows (at most `limit`) of what `sql` selects with these values bound.
  Result<std::vector<Cells>> read(const std::string& sql, const Cells& values = {},
                                  std::size_t limit = 1000) const;
  Status run(const std::string& sql, const Cells& values) const;
  const store::Database& database() const { return *db_; }
  // Of all that read() has given so far.
  std::uint64_t bytes() const { return bytes_; }

 private:
  const store::Database* db_;
  mutable std::map<std::string, store::Query> queries_;
  mutable std::uint64_t bytes_ = 0;
};

}  // namespace lotmark::chain
