#include "tests/unit/chain/damage.h"

#include "core/base/assert.h"
#include "tests/must.h"

namespace lotmark::chain {

namespace {

using test::must;

std::string joined(const std::vector<std::string>& columns, std::size_t count,
                   std::string_view each, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? std::string() : std::string(between)) + columns[i] + std::string(each);
  return out;
}

Cells key_of(const Cells& row, std::size_t keys) {
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys)};
}

// Bytes of a value: an integer in as many as it needs.
std::size_t length(const Cell& c) {
  if (c.type == 'n') return 0;
  if (c.type != 'i') return c.bytes.size();
  std::size_t bytes = 1;
  for (std::uint64_t v = static_cast<std::uint64_t>(c.number); v > 0xff; v >>= 8) ++bytes;
  return bytes;
}

Cell flipped(Cell c, std::size_t byte, std::uint64_t draw) {
  const auto bit = static_cast<std::uint8_t>(1u << (draw % 8));
  if (c.type == 'i')
    c.number = static_cast<std::int64_t>(static_cast<std::uint64_t>(c.number) ^
                                         (std::uint64_t{bit} << (8 * byte)));
  else c.bytes[byte] = static_cast<std::uint8_t>(c.bytes[byte] ^ bit);
  return c;
}

std::uint64_t next(std::uint64_t& state) {  // splitmix64
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

std::string Flip::text() const {
  std::string key;
  for (std::size_t i = 0; i < keys; ++i) key += columns[i] + " " + before[i].shown() + " ";
  return table + " " + key + "column " + columns[column] + " byte " + std::to_string(byte);
}

bool Flip::apply(const Rows& rows) const {
  Cells values{after[column]};
  for (const auto& k : key_of(before, keys)) values.push_back(k);
  const bool text = after[column].type == 't';
  return bool(rows.run("UPDATE " + table + " SET " + columns[column] +
                           (text ? " = CAST(? AS TEXT)" : " = ?") + " WHERE " +
                           joined(columns, keys, " IS ?", " AND "),
                       values));
}

bool Flip::undone(const Rows& rows) const {
  const std::string select = "SELECT " + joined(columns, columns.size(), "", ", ") + " FROM " +
                             table + " WHERE " + joined(columns, keys, " IS ?", " AND ");
  const auto there = must(rows.read(select, key_of(before, keys)));
  if (there != std::vector<Cells>{before}) return false;
  return column >= keys || must(rows.read(select, key_of(after, keys))).empty();
}

void Flip::undo(const Rows& rows) const {
  const std::string where = " WHERE " + joined(columns, keys, " IS ?", " AND ");
  for (const auto& key : {key_of(after, keys), key_of(before, keys)})
    LM_ASSERT(rows.run("DELETE FROM " + table + where, key));
  std::string places;
  for (const auto& c : before)
    places += std::string(places.empty() ? "" : ", ") + (c.type == 't' ? "CAST(? AS TEXT)" : "?");
  LM_ASSERT(rows.run("INSERT INTO " + table + "(" + joined(columns, columns.size(), "", ", ") +
                         ") VALUES(" + places + ")",
                     before));
}

std::vector<Flip> all_flips(const store::Database& db, std::uint64_t seed,
                            const std::function<bool(std::uint64_t n)>& keep) {
  std::vector<Flip> out;
  const Rows rows(db);
  std::uint64_t n = 0;
  for (const auto& t : must(rows.read("SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                                      "name NOT LIKE 'sqlite%' ORDER BY name"))) {
    Flip flip;
    flip.table = std::string(as_text(t[0].bytes));
    for (const auto& column : must(rows.read("SELECT name, pk FROM pragma_table_info('" +
                                             flip.table + "') ORDER BY pk = 0, pk, cid"))) {
      flip.columns.emplace_back(as_text(column[0].bytes));
      flip.keys += column[1].number > 0 ? 1 : 0;
    }
    const auto all = must(rows.read(
        "SELECT " + joined(flip.columns, flip.columns.size(), "", ", ") + " FROM " + flip.table, {},
        1000000));
    for (const auto& row : all) {
      flip.before = row;
      for (flip.column = 0; flip.column < row.size(); ++flip.column) {
        for (flip.byte = 0; flip.byte < length(row[flip.column]); ++flip.byte) {
          const std::uint64_t draw = next(seed);
          if (!keep(n++)) continue;
          flip.after = row;
          flip.after[flip.column] = flipped(row[flip.column], flip.byte, draw);
          out.push_back(flip);
        }
      }
    }
  }
  return out;
}

}  // namespace lotmark::chain
