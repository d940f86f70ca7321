#include "ledger-node/standby/copy_tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace lotmark::node {

namespace {

constexpr CopyTable kTables[] = {
    {1, "life", "n, device, life, seq, id, opened, closed", "ibbibii", 1},
    {2, "received", "idx, id, type, signer, at, object, arrival", "ibtbibb", 1},
    {3, "batch",
     "start, opening, opening_id, programme, line, gtin, lot, state, product, expires, "
     "application, "
     "application_id, block, made, disclosure, disclosed",
     "bbbtbttttibbiibi", 1},
    {4, "record", "start, n, commitment, head, segments, object, evidence, time, previous, hash",
     "bibbbbbibb", 2},
    {5, "waiting", "commitment, start, step, head, segments, evidence, object, time", "bbtbbbbi",
     1},
    {6, "tx", "start, n, id, object", "bibb", 2},
    {7, "answer", "object, member, at, reply", "bbib", 2},
    {8, "evidence", "n, kind, at, signer, other, first, second", "itibbbb", 1},
    {9, "event_context", "k, json", "is", 1},
    {10, "event", "n, id, hash, sha, salt, recorded, context, body", "isbbbiib", 1},
    {11, "event_set", "commitment, start, spans", "bbb", 1},
    {12, "event_span", "first, last, commitment, segment, at", "iibii", 1},
    {13, "period_record",
     "period, commitment, head, segments, object, time, previous, hash, tx_id, tx", "ibbbbibbbb",
     1},
    {14, "capture_job", "k, id, created, finished, proceed, success, errors, first, last, owner",
     "itiiiisiis", 1, 1},
    {15, "access", "n, run, number, salt, by, sha, logged, entry", "ibibbbib", 1},
    {16, "access_span", "first, last, commitment, segment", "iibi", 1},
    {17, "segment_key", "n, commitment, segment, reader, recipient, made, until", "ibibbii", 1},
    {18, "lot_items", "start, salt, count, root", "bbib", 1},
    {19, "lot_serials", "n, start, page, first, root, entries", "ibibbb", 1},
    {20, "named_query", "name, query, owner, created", "sssi", 1},
    {21, "subscription",
     "k, id, name, dest, token, schedule, report_if_empty, initial, owner, created, upto, ran, "
     "notified, failures, failing_since, stopped",
     "isssssiisiiiiiis", 1},
};

std::string places(std::size_t n) {
  std::string out = "?";
  for (std::size_t i = 1; i < n; ++i) out += ", ?";
  return out;
}

std::string key_is(const CopyTable& t) {
  std::string_view rest = t.columns;
  std::string out;
  for (std::size_t i = 0; i < t.keys; ++i) {
    const auto end = rest.find(", ");
    out += fmt::format("{}{} = ?", i == 0 ? "" : " AND ", rest.substr(0, end));
    rest.remove_prefix(end + 2);
  }
  return out;
}

}  // namespace

const CopyTable* copy_table(std::uint64_t tab) {
  const auto* at = std::ranges::find_if(kTables, [&](const auto& t) { return t.tab == tab; });
  return at == std::end(kTables) ? nullptr : at;
}

CopyValue CopyValue::of(const store::Query& q, int column, char type) {
  if (q.is_null(column)) return {};
  CopyValue v;
  v.type = type;
  if (type == 'i') v.number = q.integer(column);
  else if (type == 't' || type == 's') v.bytes = to_bytes(as_bytes(q.text(column)));
  else v.bytes = to_bytes(q.blob(column));
  return v;
}

Result<CopyValue> CopyValue::of(const CborValue& v, char type) {
  CopyValue out;
  if (v.is_null()) return out;
  out.type = type;
  if (type == 'i' && v.type() == CborType::kInt) out.number = v.integer();
  else if (type == 't' && v.type() == CborType::kText) out.bytes = to_bytes(as_bytes(v.text()));
  else if ((type == 'b' || type == 's') && v.type() == CborType::kBytes)
    out.bytes = to_bytes(v.bytes());
  else return Errc::kFieldType;
  return out;
}

void CopyValue::bind(store::Query& q, int place) const {
  if (type == 'n') q.bind(place, nullptr);
  else if (type == 'i') q.bind(place, number);
  else if (type == 't' || type == 's') q.bind(place, as_text(bytes));
  else q.bind(place, bytes);
}

void CopyValue::write(CborWriter& w) const {
  if (type == 'n') w.null();
  else if (type == 'i') w.integer(number);
  else if (type == 't') w.text(as_text(bytes));
  else w.bytes(bytes);
}

std::size_t CopyRow::size() const {
  std::size_t n = 16;
  for (const auto& v : key) n += 9 + v.bytes.size();
  for (const auto& v : values) n += 9 + v.bytes.size();
  return n;
}

void CopyRow::write(CborWriter& w) const {
  w.array(3);
  w.uint(table->tab);
  w.array(key.size());
  for (const auto& k : key) k.write(w);
  w.array(values.size());
  for (const auto& v : values) v.write(w);
}

// Of the last `later` some may be missing; they are null then.
static Status read_values(const CborValue& list, std::string_view types, std::size_t later,
                          std::vector<CopyValue>& out) {
  if (list.type() != CborType::kArray) return Errc::kFieldType;
  if (list.count() > types.size() || list.count() + later < types.size()) return Errc::kFieldRange;
  CborValue v = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, v = v.next()) {
    LM_ASSIGN(auto value, CopyValue::of(v, types[i]));
    out.push_back(std::move(value));
  }
  out.resize(types.size());
  return {};
}

Result<CopyRow> read_copy_row(const CborValue& row) {
  if (row.type() != CborType::kArray || row.count() != 3) return Errc::kFieldType;
  const CborValue tab = row.first();
  if (tab.type() != CborType::kInt) return Errc::kFieldType;
  CopyRow out;
  out.table = copy_table(static_cast<std::uint64_t>(tab.integer()));
  if (out.table == nullptr) return fail(Errc::kFieldRange, "a row of an unknown table");
  const CborValue key = tab.next();
  LM_TRY(read_values(key, out.table->types.substr(0, out.table->keys), 0, out.key));
  const CborValue values = key.next();
  if (values.type() != CborType::kArray) return Errc::kFieldType;
  if (values.count() != 0)
    LM_TRY(read_values(values, out.table->types, out.table->later, out.values));
  return out;
}

std::string select_row(const CopyTable& t) {
  return fmt::format("SELECT {} FROM {} WHERE {}", t.columns, t.name, key_is(t));
}

// REPLACE puts a column's default for a null that it may not be: of those that an older source did not send.
// Where a life stands is what the intake rows of the copy say, not what the source had by then.
std::string put_row(const CopyTable& t) {
  if (t.name == "life") {
    return "INSERT INTO life(n, device, life, seq, id, opened, closed) "
           "VALUES(?1, ?2, ?3, 0, NULL, ?6, ?7) "
           "ON CONFLICT(n) DO UPDATE SET closed = excluded.closed";
  }
  return fmt::format("INSERT OR REPLACE INTO {}({}) VALUES({})", t.name, t.columns,
                     places(t.types.size()));
}

std::string delete_row(const CopyTable& t) {
  return fmt::format("DELETE FROM {} WHERE {}", t.name, key_is(t));
}

}  // namespace lotmark::node
