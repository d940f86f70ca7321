// Every stored field of a database, byte by byte: what one flipped bit does to a row.
#pragma once

#include <functional>

#include "ledger-node/chain/public/rows.h"

namespace lotmark::chain {

struct Flip {
  std::string table;
  std::vector<std::string> columns;  // of the table
  std::size_t keys = 0;              // the first so many name the row
  Cells before;                      // the row as it was
  std::size_t column = 0;
  std::size_t byte = 0;
  Cells after;
  std::string text() const;
  // False if SQLite refuses it, by a constraint.
  bool apply(const Rows& rows) const;
  // Whether the row is as it was, and no other one in its place.
  bool undone(const Rows& rows) const;
  void undo(const Rows& rows) const;
};

// All tables but SQLite's own. `seed` draws the bit of each byte; `keep` says of the n-th byte whether it is one.
std::vector<Flip> all_flips(const store::Database& db, std::uint64_t seed,
                            const std::function<bool(std::uint64_t n)>& keep);

}  // namespace lotmark::chain
