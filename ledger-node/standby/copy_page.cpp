#include "ledger-node/standby/copy_page.h"

#include <algorithm>
#include <map>

#include "core/wire/limits.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kEventSet = 11, kPeriodRecord = 13, kAccessSpan = 16;  // copy_tables.cpp

struct Place {
  std::uint64_t n = 0;
  CopyRow row;  // key only
};

// A bounded number of places at a time: what moved last is what is wanted.
Result<std::vector<Place>> places_behind(const store::Database& db, std::uint64_t moved) {
  constexpr int kPlaces = 4096;
  LM_ASSIGN(auto q, db.prepare("SELECT n, tab, k1, k2 FROM moved WHERE n > ? ORDER BY n LIMIT ?"));
  q.bind(1, moved).bind(2, kPlaces);
  std::vector<Place> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    Place p;
    p.n = q.u64(0);
    p.row.table = copy_table(q.u64(1));
    if (p.row.table == nullptr) return fail(Errc::kCorrupt, "moved names an unknown table");
    for (std::size_t k = 0; k < p.row.table->keys; ++k)
      p.row.key.push_back(CopyValue::of(q, static_cast<int>(2 + k), p.row.table->types[k]));
    out.push_back(std::move(p));
  }
}

Status fill(store::Query& q, CopyRow& row) {
  for (std::size_t k = 0; k < row.key.size(); ++k) row.key[k].bind(q, static_cast<int>(k + 1));
  LM_ASSIGN(bool there, q.step());
  if (there) {
    for (std::size_t c = 0; c < row.table->types.size(); ++c)
      row.values.push_back(CopyValue::of(q, static_cast<int>(c), row.table->types[c]));
  }
  q.reset();
  for (const auto& v : row.values) {
    if (v.number > limits::kIntMax || v.number < -limits::kIntMax)
      return fail(Errc::kCorrupt, std::string(row.table->name) + " holds a number of no row");
  }
  return {};
}

// Which accesses a period record holds, the record, the set of its events and the first of what follows from it were
// written together, in this order; so were a step and the set of its. One is nothing without the other: no page ends
// between them.
bool of_record(const CopyRow& row) {
  const std::uint64_t tab = row.table->tab;
  return tab == kAccessSpan || tab == kPeriodRecord || tab == kEventSet;
}
bool ends_torn(const CopyPage& page) {
  return !page.rows.empty() && page.moved != page.top && of_record(page.rows.back());
}

Result<std::size_t> read_rows(const store::Database& db, CopyPage& page, std::size_t most) {
  std::size_t bytes = 0;
  std::map<const CopyTable*, store::Query> selects;
  LM_ASSIGN(auto places, places_behind(db, page.moved));
  std::vector<std::uint64_t> before;  // where the page would end without each of its rows
  for (auto& p : places) {
    if (!page.rows.empty() && bytes >= most && !ends_torn(page)) break;
    auto at = selects.find(p.row.table);
    if (at == selects.end()) {
      LM_ASSIGN(auto q, db.prepare(select_row(*p.row.table)));
      at = selects.emplace(p.row.table, std::move(q)).first;
    }
    LM_TRY(fill(at->second, p.row));
    bytes += p.row.size();
    before.push_back(std::exchange(page.moved, p.n));
    page.rows.push_back(std::move(p.row));
  }
  // No record is as long as a page: rows that are nothing else go as they came, so that every page takes the copy on.
  const bool parts = std::ranges::any_of(page.rows, [](const CopyRow& r) { return !of_record(r); });
  while (parts && ends_torn(page)) {
    page.rows.pop_back();
    page.moved = before[page.rows.size()];
  }
  return bytes;
}

// Whether no row is left of those that came before events (schema.cpp): of these an object's life is one.
Result<bool> may_take_objects(const store::Database& db, const CopyPage& page) {
  LM_ASSIGN(auto q, db.prepare("SELECT 1 FROM moved INDEXED BY moved_first WHERE tab < 9 AND n > ? "
                               "LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, page.moved).step());
  return !row;
}

Status read_objects(const store::Database& db, CopyPage& page, std::size_t bytes,
                    std::size_t most) {
  LM_ASSIGN(auto q,
            db.prepare("SELECT i.life, i.seq, i.last, i.kind, i.t_from, i.t_to, i.received, "
                       "w.wire, i.idx FROM intake i JOIN intake_wire w ON w.idx = i.idx "
                       "WHERE i.idx >= ? AND i.idx < ? ORDER BY i.idx"));
  q.bind(1, page.upto).bind(2, page.size);
  while (bytes < most && page.objects.size() * 9 < kCopyPageItems / 2) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    if (q.u64(8) != page.upto)
      return fail(Errc::kCorrupt, "intake row " + std::to_string(page.upto) + " is missing");
    page.objects.push_back({q.u64(0), q.u64(1), q.u64(2), q.u64(3), q.u64(4), q.u64(5), q.u64(6),
                            to_bytes(q.blob(7))});
    bytes += 64 + page.objects.back().wire.size();
    ++page.upto;
  }
  return {};
}

Result<std::uint64_t> number(const CborValue& v) {
  if (v.type() != CborType::kInt || v.integer() < 0) return Errc::kFieldType;
  return static_cast<std::uint64_t>(v.integer());
}

Result<CopyObject> read_object(const CborValue& v) {
  if (v.type() != CborType::kArray || v.count() != 8) return Errc::kFieldType;
  CopyObject o;
  CborValue at = v.first();
  for (auto* field : {&o.life, &o.seq, &o.last, &o.kind, &o.from, &o.to, &o.received}) {
    LM_ASSIGN(*field, number(at));
    at = at.next();
  }
  if (at.type() != CborType::kBytes) return Errc::kFieldType;
  o.wire = to_bytes(at.bytes());
  return o;
}

// A quarter of the page is the objects': devices' acks wait for them, and events may come faster than they are copied.
Status fill_page(const store::Database& db, CopyPage& page, std::size_t most) {
  LM_ASSIGN(auto newest, db.prepare("SELECT coalesce(max(n), 0) FROM moved"));
  LM_TRY(newest.step());
  page.top = newest.u64(0);
  newest.reset();
  if (page.moved > page.top || page.upto > page.size)
    return fail(Errc::kConflict,
                "the copy is ahead of its source: it is of another one, or the "
                "source lost rows");
  const bool objects = page.upto < page.size;
  const std::size_t quarter = most / 4;
  LM_ASSIGN(const std::size_t rows, read_rows(db, page, objects ? most - quarter : most));
  if (!objects || rows > 2 * most) return {};  // a period record may be a whole page's
  LM_ASSIGN(const bool may, may_take_objects(db, page));
  return may ? read_objects(db, page, rows, std::max(most, rows + quarter)) : Status();
}

}  // namespace

Result<CopyPage> read_copy_page(const store::Database& db, std::uint64_t moved, std::uint64_t from,
                                std::uint64_t size, const RootAt& root_at, std::size_t bytes) {
  CopyPage page;
  page.moved = moved;
  page.size = size;
  page.upto = from;
  // One moment's rows: others write meanwhile.
  LM_TRY(db.exec("BEGIN"));
  const Status read = fill_page(db, page, bytes);
  const Status over = db.exec("ROLLBACK");
  LM_TRY(Status(read));
  LM_TRY(Status(over));
  page.root = root_at(page.upto);
  return page;
}

Bytes encode(const CopyPage& p) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(7);
    w.uint(p.moved);
    w.uint(p.top);
    w.array(p.rows.size());
    for (const auto& r : p.rows) r.write(w);
    w.uint(p.size);
    w.uint(p.upto);
    w.bytes(p.root.view());
    w.array(p.objects.size());
    for (const auto& o : p.objects) {
      w.array(8);
      for (const std::uint64_t v : {o.life, o.seq, o.last, o.kind, o.from, o.to, o.received})
        w.uint(v);
      w.bytes(o.wire);
    }
  });
}

Result<CopyPage> decode_copy_page(ByteView bytes) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, kCopyPageItems));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 7) return Errc::kFieldType;
  CopyPage p;
  CborValue at = root.first();
  LM_ASSIGN(p.moved, number(at));
  LM_ASSIGN(p.top, number(at = at.next()));
  at = at.next();
  if (at.type() != CborType::kArray) return Errc::kFieldType;
  CborValue row = at.first();
  for (std::size_t i = 0; i < at.count(); ++i, row = row.next()) {
    LM_ASSIGN(auto r, read_copy_row(row));
    p.rows.push_back(std::move(r));
  }
  LM_ASSIGN(p.size, number(at = at.next()));
  LM_ASSIGN(p.upto, number(at = at.next()));
  at = at.next();
  const auto digest = at.type() == CborType::kBytes ? Digest::from(at.bytes()) : std::nullopt;
  if (!digest) return Errc::kFieldType;
  p.root = *digest;
  at = at.next();
  if (at.type() != CborType::kArray) return Errc::kFieldType;
  CborValue object = at.first();
  for (std::size_t i = 0; i < at.count(); ++i, object = object.next()) {
    LM_ASSIGN(auto o, read_object(object));
    p.objects.push_back(std::move(o));
  }
  return p;
}

}  // namespace lotmark::node
