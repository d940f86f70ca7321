#include "ledger-node/chain/private/batch_store.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kStates[] = {"open", "applied", "released", "refused"};

constexpr std::string_view kBatch =
    "SELECT opening, state, made, product, expires, application, block, disclosure, disclosed, "
    "start, gtin, lot FROM batch ";

Result<Draft> read_draft(const store::Query& q, int first) {
  Draft d;
  LM_ASSIGN(d.commitment, q.fixed<Digest>(first));
  LM_ASSIGN(d.head, decode<RecordHead>(q.blob(first + 1)));
  LM_ASSIGN(d.segments, decode_segments(q.blob(first + 2)));
  d.evidence = to_bytes(q.blob(first + 3));
  if (!q.is_null(first + 4)) d.object = to_bytes(q.blob(first + 4));
  return d;
}

}  // namespace

std::string_view name(BatchState s) { return kStates[static_cast<std::size_t>(s)]; }

Bytes encode_segments(const std::vector<Bytes>& entries) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(entries.size());
    for (const auto& e : entries) w.bytes(e);
  });
}

Result<std::vector<Bytes>> decode_segments(ByteView bytes) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray) return Errc::kFieldType;
  if (root.count() > limits::kSegments) return Errc::kRecordSegments;
  std::vector<Bytes> out;
  CborValue v = root.first();
  for (std::size_t i = 0; i < root.count(); ++i, v = v.next()) {
    if (v.type() != CborType::kBytes) return Errc::kFieldType;
    out.push_back(to_bytes(v.bytes()));
  }
  return out;
}

Result<Batch> BatchStore::read(const store::Query& q) const {
  Batch b;
  LM_ASSIGN(b.opening, open<Opening>(q.blob(0), chain_));
  const std::string state = q.text(1);
  const auto at = std::find(std::begin(kStates), std::end(kStates), state);
  if (at == std::end(kStates)) return fail(Errc::kCorrupt, "a batch in state " + state);
  b.state = static_cast<BatchState>(at - std::begin(kStates));
  b.made = q.u64(2);
  if (!q.is_null(3)) b.product = q.text(3);
  if (!q.is_null(4)) b.expires = Expiry{q.u64(4)};
  if (!q.is_null(5)) {
    LM_ASSIGN(auto a, open<Application>(q.blob(5), chain_));
    b.application = Sealed{a.bytes, a.id};
  }
  if (!q.is_null(6)) b.block = q.u64(6);
  if (!q.is_null(7)) b.disclosure = to_bytes(q.blob(7));
  b.disclosed = q.integer(8) != 0;
  return b;
}

Status BatchStore::load_chain(Batch& b) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT id, n FROM tx WHERE start = ? ORDER BY n"));
  q.bind(1, b.start());
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    if (q.u64(1) != b.tx_ids.size())
      return fail(Errc::kCorrupt, "tx row " + std::to_string(b.tx_ids.size()) + " is missing");
    LM_ASSIGN(auto id, q.fixed<Digest>(0));
    b.tx_ids.push_back(id);
  }
  b.hash = b.start();
  if (b.tx_ids.empty()) return {};
  LM_ASSIGN(auto last, db_->prepare("SELECT time, hash FROM record WHERE start = ? AND n = ?"));
  const std::uint64_t newest = b.tx_ids.size() - 1;
  LM_ASSIGN(bool row, last.bind(1, b.start()).bind(2, newest).step());
  if (!row) return fail(Errc::kCorrupt, "record row " + std::to_string(newest) + " is missing");
  b.time = last.u64(0);
  LM_ASSIGN(b.hash, last.fixed<Digest>(1));
  LM_ASSIGN(auto bytes, transaction(b.start(), b.tx_ids.size() - 1));
  LM_ASSIGN(auto tx, open<Transaction>(bytes, chain_));
  b.tx_time = tx.body.time;
  return {};
}

Status BatchStore::load_each(bool all,
                             const std::function<Status(const store::Query&)>& take) const {
  const std::string_view which = all ? "ORDER BY made"
                                     : "WHERE state IN ('open', 'applied') OR state = 'released' "
                                       "AND disclosed = 0 ORDER BY made";
  LM_ASSIGN(auto q, db_->prepare(std::string(kBatch) + std::string(which)));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    LM_TRY(take(q));
  }
}

Result<Batch> BatchStore::read_whole(const store::Query& q) const {
  LM_ASSIGN(auto b, read(q));
  LM_TRY(load_chain(b));
  return b;
}

Result<std::vector<Batch>> BatchStore::load(bool all) const {
  std::vector<Batch> out;
  LM_TRY(load_each(all, [&](const store::Query& q) -> Status {
    LM_ASSIGN(auto b, read_whole(q));
    out.push_back(std::move(b));
    return {};
  }));
  return out;
}

Result<std::vector<Batch>> BatchStore::load(bool all, std::vector<Damaged>& damaged) const {
  std::vector<Batch> out;
  LM_TRY(load_each(all, [&](const store::Query& q) -> Status {
    auto b = read_whole(q);
    if (b && Digest::from(q.blob(9)) == b->start()) out.push_back(*std::move(b));
    else
      damaged.push_back({Digest::from(q.blob(9)).value_or(Digest{}), q.text(10), q.text(11),
                         b ? fail(Errc::kCorrupt, "its start is not its opening's") : b.error()});
    return {};
  }));
  return out;
}

Status BatchStore::insert(const Batch& b) {
  const Opening& o = b.opening.body;
  LM_ASSIGN(auto q,
            db_->prepare(
                "INSERT INTO batch(start, opening, opening_id, programme, line, gtin, lot, state, "
                "made) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, o.start)
      .bind(2, b.opening.bytes)
      .bind(3, b.opening.id)
      .bind(4, o.programme)
      .bind(5, o.line);
  q.bind(6, o.gtin.text).bind(7, o.lot->text).bind(8, name(b.state)).bind(9, b.made);
  return q.run();
}

Status BatchStore::update(const Batch& b) {
  LM_ASSIGN(
      auto q,
      db_->prepare("UPDATE batch SET state = ?, product = ?, expires = ?, application = ?, "
                   "application_id = ?, block = ?, disclosure = ?, disclosed = ? WHERE start = ?"));
  q.bind(1, name(b.state))
      .bind(6, b.block)
      .bind(7, b.disclosure)
      .bind(8, b.disclosed ? 1 : 0)
      .bind(9, b.start());
  if (b.product) q.bind(2, std::string_view(*b.product));
  if (b.expires) q.bind(3, b.expires->yyyymmdd);
  if (b.application) q.bind(4, b.application->bytes).bind(5, b.application->id);
  return q.run();
}

Status BatchStore::append(const Digest& start, const RecordRow& r, const Sealed& transaction) {
  return db_->transaction([&]() -> Status {
    LM_ASSIGN(
        auto q,
        db_->prepare("INSERT INTO record(start, n, commitment, head, segments, object, evidence, "
                     "time, previous, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    q.bind(1, start).bind(2, r.n).bind(3, r.record.commitment).bind(4, encode(r.record.head));
    q.bind(5, encode_segments(r.record.segments))
        .bind(6, *r.record.object)
        .bind(7, r.record.evidence);
    q.bind(8, r.time).bind(9, r.previous).bind(10, r.hash);
    LM_TRY(q.run());
    LM_ASSIGN(auto t, db_->prepare("INSERT INTO tx(start, n, id, object) VALUES(?, ?, ?, ?)"));
    LM_TRY(t.bind(1, start).bind(2, r.n).bind(3, transaction.id).bind(4, transaction.bytes).run());
    LM_ASSIGN(auto d, db_->prepare("DELETE FROM waiting WHERE commitment = ?"));
    LM_TRY(d.bind(1, r.record.commitment).run());
    return EventSets(*db_).place(r.record.commitment);
  });
}

Result<std::vector<RecordRow>> BatchStore::records(const Digest& start) const {
  LM_ASSIGN(
      auto q,
      db_->prepare("SELECT n, commitment, head, segments, evidence, object, time, previous, hash "
                   "FROM record WHERE start = ? ORDER BY n"));
  q.bind(1, start);
  std::vector<RecordRow> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    auto& r = out.emplace_back();
    r.n = q.u64(0);
    LM_ASSIGN(r.record, read_draft(q, 1));
    r.time = q.u64(6);
    LM_ASSIGN(r.previous, q.fixed<Digest>(7));
    LM_ASSIGN(r.hash, q.fixed<Digest>(8));
  }
}

Result<Bytes> BatchStore::transaction(const Digest& start, std::uint64_t n) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT object FROM tx WHERE start = ? AND n = ?"));
  LM_ASSIGN(bool row, q.bind(1, start).bind(2, n).step());
  if (!row) return fail(Errc::kCorrupt, "transaction " + std::to_string(n) + " is not stored");
  return to_bytes(q.blob(0));
}

Result<std::vector<Draft>> BatchStore::waiting(const Digest& start) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT commitment, head, segments, evidence, object FROM waiting "
                                 "WHERE start = ? ORDER BY time, commitment"));
  q.bind(1, start);
  std::vector<Draft> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto d, read_draft(q, 0));
    out.push_back(std::move(d));
  }
}

Status BatchStore::prepare(const Digest& start, const Draft& d) {
  return db_->transaction([&]() -> Status {
    LM_ASSIGN(auto events,
              db_->prepare("DELETE FROM event_set WHERE commitment IN (SELECT commitment FROM "
                           "waiting WHERE start = ? AND step = ? AND object IS NULL)"));
    LM_TRY(events.bind(1, start).bind(2, d.head.step.value_or("")).run());
    LM_TRY(EventSets(*db_).draft(d.commitment, start, d.events));
    SegmentKeys keys(*db_);
    LM_TRY(keys.drop_unsigned(start, d.head.step.value_or("")));
    LM_TRY(keys.put(d.commitment, d.keys));
    LM_ASSIGN(auto old,
              db_->prepare("DELETE FROM waiting WHERE start = ? AND step = ? AND object IS NULL"));
    LM_TRY(old.bind(1, start).bind(2, d.head.step.value_or("")).run());
    LM_ASSIGN(
        auto q,
        db_->prepare("INSERT INTO waiting(commitment, start, step, head, segments, evidence, time) "
                     "VALUES(?, ?, ?, ?, ?, ?, ?)"));
    q.bind(1, d.commitment)
        .bind(2, start)
        .bind(3, d.head.step.value_or(""))
        .bind(4, encode(d.head));
    return q.bind(5, encode_segments(d.segments)).bind(6, d.evidence).bind(7, d.head.time).run();
  });
}

Status BatchStore::sign(const Digest& commitment, ByteView object) {
  LM_ASSIGN(auto q, db_->prepare("UPDATE waiting SET object = ? WHERE commitment = ?"));
  return q.bind(1, object).bind(2, commitment).run();
}

Result<bool> BatchStore::answered(const Digest& object, const KeyId& member) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT 1 FROM answer WHERE object = ? AND member = ?"));
  LM_ASSIGN(bool row, q.bind(1, object).bind(2, member).step());
  q.reset();
  return row;
}

Status BatchStore::answer(const Digest& object, const KeyId& member, ByteView reply,
                          std::uint64_t at) {
  LM_ASSIGN(
      auto q,
      db_->prepare("INSERT OR IGNORE INTO answer(object, member, at, reply) VALUES(?, ?, ?, ?)"));
  return q.bind(1, object).bind(2, member).bind(3, at).bind(4, reply).run();
}

}  // namespace lotmark::chain
