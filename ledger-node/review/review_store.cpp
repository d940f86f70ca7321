#include "ledger-node/review/review_store.h"

#include "ledger-node/chain/private/private_store.h"

namespace lotmark::review {

namespace {

constexpr std::string_view kColumns =
    "start, gtin, lot, opening, enterprise, application, application_id, state, report, report_id, "
    "decided, "
    "details, at, sent, promise";

template <class F>
Result<std::optional<F>> optional_fixed(const store::Query& q, int column) {
  if (q.is_null(column)) return std::optional<F>();
  LM_ASSIGN(auto f, q.fixed<F>(column));
  return std::optional(f);
}

Result<ReviewRow> read_row(const store::Query& q) {
  ReviewRow r;
  LM_ASSIGN(r.start, q.fixed<Digest>(0));
  r.gtin = q.text(1);
  r.lot = q.text(2);
  r.opening = to_bytes(q.blob(3));
  LM_ASSIGN(r.enterprise, q.fixed<KeyId>(4));
  r.application = to_bytes(q.blob(5));
  LM_ASSIGN(r.application_id, optional_fixed<Digest>(q, 6));
  r.state = q.text(7);
  r.report = to_bytes(q.blob(8));
  LM_ASSIGN(r.report_id, optional_fixed<Digest>(q, 9));
  r.decided = to_bytes(q.blob(10));
  r.details = q.text(11);
  r.at = q.u64(12);
  r.sent = q.integer(13) != 0;
  r.promise = to_bytes(q.blob(14));
  return r;
}

Result<std::vector<ReviewRow>> read_rows_of(store::Query q) {
  std::vector<ReviewRow> out;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return out;
    LM_ASSIGN(auto row, read_row(q));
    out.push_back(std::move(row));
  }
}

Result<std::vector<KeptTransaction>> read_transactions(store::Query q) {
  std::vector<KeptTransaction> out;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return out;
    KeptTransaction t;
    LM_ASSIGN(t.start, q.fixed<Digest>(0));
    t.n = q.u64(1);
    LM_ASSIGN(t.id, q.fixed<Digest>(2));
    t.object = to_bytes(q.blob(3));
    if (!q.is_null(4)) t.arrived = q.u64(4);
    out.push_back(t);
  }
}

constexpr std::string_view kTransactions =
    "SELECT tx.start, tx.n, tx.id, tx.object, received.at FROM tx LEFT JOIN received ON "
    "received.id = tx.id ";

Result<std::optional<KeptTransaction>> only(Result<std::vector<KeptTransaction>> list) {
  if (!list) return list.error();
  if (list->empty()) return std::optional<KeptTransaction>();
  return std::optional(list->front());
}

}  // namespace

Status ReviewStore::add(const ReviewRow& r) {
  LM_ASSIGN(auto q,
            db_->prepare("INSERT INTO review(start, gtin, lot, opening, enterprise, state, at) "
                         "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, r.start).bind(2, r.gtin).bind(3, r.lot).bind(4, r.opening).bind(5, r.enterprise);
  q.bind(6, kOpen).bind(7, r.at);
  return q.run();
}

Result<std::optional<ReviewRow>> ReviewStore::find(const Digest& start) const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT " + std::string(kColumns) + " FROM review WHERE start = ?"));
  q.bind(1, start);
  LM_ASSIGN(auto rows, read_rows_of(std::move(q)));
  if (rows.empty()) return std::optional<ReviewRow>();
  return std::optional(std::move(rows.front()));
}

Result<std::vector<ReviewRow>> ReviewStore::of_lot(std::string_view lot) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT " + std::string(kColumns) +
                                 " FROM review WHERE lot = ? ORDER BY at DESC, start"));
  q.bind(1, lot);
  return read_rows_of(std::move(q));
}

Result<std::vector<ReviewRow>> ReviewStore::newest(std::size_t limit) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT " + std::string(kColumns) +
                                 " FROM review ORDER BY at DESC, start LIMIT ?"));
  q.bind(1, static_cast<std::uint64_t>(limit));
  return read_rows_of(std::move(q));
}

Result<std::uint64_t> ReviewStore::open_since(const KeyId& enterprise, std::uint64_t since) const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT count(*) FROM review WHERE enterprise = ? AND state = 'open' "
                         "AND at >= ?"));
  LM_ASSIGN(bool row, q.bind(1, enterprise).bind(2, since).step());
  return row ? q.u64(0) : 0;
}

Result<std::vector<Digest>> ReviewStore::unfinished() const {
  LM_ASSIGN(auto q, db_->prepare("SELECT start FROM review WHERE state = 'applied' OR "
                                 "(decided IS NOT NULL AND sent < 2) ORDER BY at, start"));
  std::vector<Digest> out;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return out;
    LM_ASSIGN(auto start, q.fixed<Digest>(0));
    out.push_back(start);
  }
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> ReviewStore::counts() const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT state, count(*) FROM review GROUP BY state ORDER BY state"));
  std::vector<std::pair<std::string, std::uint64_t>> out;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return out;
    out.emplace_back(q.text(0), q.u64(1));
  }
}

Status ReviewStore::set_application(const Digest& start, const Signed<Application>& a,
                                    std::uint64_t at) {
  LM_ASSIGN(
      auto q,
      db_->prepare("UPDATE review SET application = ?, application_id = ?, lot = ?, state = ?, "
                   "at = ? WHERE start = ?"));
  q.bind(1, a.bytes)
      .bind(2, a.id)
      .bind(3, a.body.lot.text)
      .bind(4, kApplied)
      .bind(5, at)
      .bind(6, start);
  return q.run();
}

Status ReviewStore::set_rows(const Digest& start, ByteView rows) {
  LM_ASSIGN(auto q, db_->prepare("UPDATE review SET rows = ? WHERE start = ?"));
  return q.bind(1, rows).bind(2, start).run();
}

Status ReviewStore::set_outcome(const ReviewRow& r) {
  LM_ASSIGN(auto q,
            db_->prepare("UPDATE review SET state = ?, report = ?, report_id = ?, decided = ?, "
                         "details = ?, at = ? WHERE start = ?"));
  const auto blob = [&](int place, const Bytes& b) {
    if (b.empty()) q.bind(place, nullptr);
    else q.bind(place, b);
  };
  q.bind(1, r.state).bind(3, r.report_id).bind(5, r.details).bind(6, r.at).bind(7, r.start);
  blob(2, r.report);
  blob(4, r.decided);
  return q.run();
}

Status ReviewStore::set_promised(const Digest& start, const std::optional<Bytes>& promise) {
  LM_ASSIGN(
      auto q,
      db_->prepare(
          "UPDATE review SET sent = max(sent, 1), promise = coalesce(?, promise) WHERE start = ?"));
  return q.bind(1, promise).bind(2, start).run();
}

Status ReviewStore::set_final(const Digest& start) {
  LM_ASSIGN(auto q, db_->prepare("UPDATE review SET sent = 2 WHERE start = ?"));
  return q.bind(1, start).run();
}

Status ReviewStore::add_transaction(const Digest& start, std::uint64_t n, const Digest& id,
                                    ByteView object) {
  LM_ASSIGN(auto q, db_->prepare("INSERT INTO tx(start, n, id, object) VALUES(?, ?, ?, ?)"));
  return q.bind(1, start).bind(2, n).bind(3, id).bind(4, object).run();
}

Result<std::optional<KeptTransaction>> ReviewStore::transaction(const Digest& id) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kTransactions) + "WHERE tx.id = ?"));
  q.bind(1, id);
  return only(read_transactions(std::move(q)));
}

Result<std::optional<KeptTransaction>> ReviewStore::transaction(const Digest& start,
                                                                std::uint64_t n) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kTransactions) + "WHERE tx.start = ? AND tx.n = ?"));
  q.bind(1, start).bind(2, n);
  return only(read_transactions(std::move(q)));
}

Result<std::vector<KeptTransaction>> ReviewStore::transactions(const Digest& start) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kTransactions) + "WHERE tx.start = ? ORDER BY tx.n"));
  q.bind(1, start);
  return read_transactions(std::move(q));
}

Status ReviewStore::keep_fork(const KeptTransaction& first, const Signed<Transaction>& second,
                              std::uint64_t at) {
  LM_ASSIGN(auto q,
            db_->prepare("INSERT OR IGNORE INTO evidence(kind, at, signer, other, first, second) "
                         "SELECT 'transaction-fork', ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) "
                         "FROM evidence WHERE kind = 'transaction-fork' AND signer = ?2) < ?6"));
  q.bind(1, at).bind(2, second.kid).bind(3, second.id).bind(4, first.object).bind(5, second.bytes);
  return q.bind(6, chain::kEvidencePerSigner).run();
}

}  // namespace lotmark::review
