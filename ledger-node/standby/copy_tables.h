// The tables of private.db that a standby copies row by row, as `moved` (schema.cpp) names them. The intake log is
// copied by its index.
#pragma once

#include <string>

#include "core/store/database.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

struct CopyTable {
  std::uint64_t tab;
  std::string_view name;
  std::string_view columns;  // the key first
  // Of each column: i integer, t text, s text of any length, which travels as a bstr, b blob; any may be null.
  std::string_view types;
  std::size_t keys;  // how many columns the key is
  // How many at the end came to the table after the first: a source of before does not send them, and a row gets their
  // defaults.
  std::size_t later = 0;
};

// Nothing for a number that is none.
const CopyTable* copy_table(std::uint64_t tab);

// A stored value and what it is.
struct CopyValue {
  char type = 'n';  // n: null
  std::int64_t number = 0;
  Bytes bytes;

  static CopyValue of(const store::Query& q, int column, char type);
  // field-type if it is neither of that type nor null.
  static Result<CopyValue> of(const CborValue& v, char type);
  void bind(store::Query& q, int place) const;
  void write(CborWriter& w) const;
};

// A row that came, changed or went.
struct CopyRow {
  const CopyTable* table = nullptr;
  std::vector<CopyValue> key;
  std::vector<CopyValue> values;  // as columns; empty: it went

  std::size_t size() const;
  void write(CborWriter& w) const;
};
Result<CopyRow> read_copy_row(const CborValue& v);

// SELECT columns ... WHERE key; and what puts such a row in place of the one that is there, or takes it away.
std::string select_row(const CopyTable& t);
std::string put_row(const CopyTable& t);
std::string delete_row(const CopyTable& t);

}  // namespace lotmark::node
