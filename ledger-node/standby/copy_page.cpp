#include "ledger-node/standby/copy_page.h"

#include <map>

namespace lotmark::node {

namespace {

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
  return {};
}

Result<std::size_t> read_rows(const store::Database& db, CopyPage& page) {
  std::size_t bytes = 0;
  std::map<const CopyTable*, store::Query> selects;
  LM_ASSIGN(auto places, places_behind(db, page.moved));
  for (auto& p : places) {
    if (bytes >= kCopyPageBytes) break;
    auto at = selects.find(p.row.table);
    if (at == selects.end()) {
      LM_ASSIGN(auto q, db.prepare(select_row(*p.row.table)));
      at = selects.emplace(p.row.table, std::move(q)).first;
    }
    LM_TRY(fill(at->second, p.row));
    bytes += p.row.size();
    page.moved = p.n;
    page.rows.push_back(std::move(p.row));
  }
  return bytes;
}

Status read_objects(const store::Database& db, CopyPage& page, std::size_t bytes) {
  LM_ASSIGN(auto q,
            db.prepare("SELECT i.life, i.seq, i.last, i.kind, i.t_from, i.t_to, i.received, "
                       "w.wire, i.idx FROM intake i JOIN intake_wire w ON w.idx = i.idx "
                       "WHERE i.idx >= ? AND i.idx < ? ORDER BY i.idx"));
  q.bind(1, page.upto).bind(2, page.size);
  while (bytes < kCopyPageBytes && page.objects.size() * 9 < kCopyPageItems / 2) {
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

}  // namespace

Result<CopyPage> read_copy_page(const store::Database& db, std::uint64_t moved, std::uint64_t from,
                                std::uint64_t size, const RootAt& root_at) {
  CopyPage page;
  page.moved = moved;
  page.size = size;
  page.upto = from;
  LM_ASSIGN(auto newest, db.prepare("SELECT coalesce(max(n), 0) FROM moved"));
  LM_TRY(newest.step());
  page.top = newest.u64(0);
  newest.reset();
  if (moved > page.top || from > size)
    return fail(Errc::kConflict,
                "the copy is ahead of its source: it is of another one, or the "
                "source lost rows");
  LM_ASSIGN(const std::size_t bytes, read_rows(db, page));
  if (page.moved == page.top && from < size) LM_TRY(read_objects(db, page, bytes));
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
