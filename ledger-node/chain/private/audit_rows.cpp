// Records and transactions of a batch: contents to commitment, commitment to author and transaction,
// each to the one before it.
#include <fmt/format.h>

#include "core/wire/limits.h"
#include "ledger-node/chain/private/audit_events.h"
#include "ledger-node/chain/private/audit_lot.h"

namespace lotmark::chain {

Status LotAudit::check_records() {
  LM_ASSIGN(auto q,
            run_.db.prepare(
                "SELECT n, commitment, head, segments, evidence, object, time, previous, hash "
                "FROM record WHERE start = ? ORDER BY n"));
  q.bind(1, start_);
  LM_TRY(read_transactions());
  RowNumbers numbers;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) break;
    what_.clear();
    const bool placed = numbers.take(q.integer(0), [&](const auto& n, std::string text) {
      fault("record", n, Errc::kNotFound, std::move(text));
    });
    if (!placed) continue;
    RecordRow row;
    row.n = q.u64(0);
    check_lone_transactions(row.n);
    ++run_.report.records;
    auto head = decode<RecordHead>(q.blob(2));
    auto segments = decode_segments(q.blob(3));
    if (head) row.record.head = *std::move(head);
    if (segments) row.record.segments = *std::move(segments);
    row.record.commitment = Digest::from(q.blob(1)).value_or(Digest{});
    row.record.evidence = to_bytes(q.blob(4));
    row.record.object = to_bytes(q.blob(5));
    row.time = q.u64(6);
    row.previous = Digest::from(q.blob(7)).value_or(Digest{});
    row.hash = Digest::from(q.blob(8)).value_or(Digest{});
    if (!head) fault("record", row.n, head.code(), "its head cannot be read");
    if (!segments) fault("record", row.n, segments.code(), "its segments cannot be read");
    check_record(row, head && segments);
  }
  what_.clear();
  check_lone_transactions({});
  return {};
}

Status LotAudit::read_transactions() {
  LM_ASSIGN(auto q, run_.db.prepare("SELECT n, id, object FROM tx WHERE start = ? ORDER BY n"));
  q.bind(1, start_);
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) return {};
    if (q.integer(0) < 0) {
      fault("tx", {}, Errc::kCorrupt, fmt::format("a row is numbered {}", q.integer(0)));
      continue;
    }
    transactions_.insert({q.u64(0), {Digest::from(q.blob(1)), to_bytes(q.blob(2))}});
  }
}

void LotAudit::check_lone_transactions(std::optional<std::uint64_t> end) {
  while (!transactions_.empty() && (!end || transactions_.begin()->first < *end)) {
    const std::uint64_t n = transactions_.begin()->first;
    fault("record", n, Errc::kNotFound, "is missing, its transaction is there");
    check_transaction(n, {});
  }
}

void LotAudit::check_record(const RecordRow& row, bool readable) {
  const RecordHead& h = row.record.head;
  what_ = h.step ? "step " + *h.step : std::string(lotmark::name(h.kind));
  std::optional<Digest> computed;
  if (readable) {
    computed = commitment(run_.id(), start_, h, segments_root(row.record.segments));
    if (h.segments != row.record.segments.size()) {
      fault(
          "record", row.n, Errc::kRecordSegments,
          fmt::format("has {} segments, its head says {}", row.record.segments.size(), h.segments));
    }
    if (*computed != row.record.commitment) {
      fault("record", row.n, Errc::kCommitmentMismatch,
            "what is stored does not give its commitment");
    }
    check_author(row, *computed);
    check_link(row, *computed);
    check_events(row, fmt::format("record {} of lot {}", row.n, lot_.name));
    lot_.rows.push_back(row);
  }
  row_hash_ = row.hash;
  check_transaction(row.n, computed);
}

// Its events are rows of other tables: what is wrong with them does not stop the lot.
void LotAudit::check_events(const RecordRow& row, const std::string& name) {
  if (run_.light()) return;
  const EventHolder holder{row.record.commitment, row.record.segments, name, false};
  const Status read =
      check_event_segments(run_.db, holder, [this](AuditFault f) { run_.fault(std::move(f)); });
  if (!read)
    run_.fault({"event_set",
                {},
                name,
                {},
                {},
                read.code(),
                "cannot be read: " + read.error().message(),
                {}});
}

void LotAudit::check_author(const RecordRow& row, const Digest& computed) {
  const RecordHead& h = row.record.head;
  auto object = open<Record>(*row.record.object, run_.id());
  if (!object) return fault("record", row.n, object.code(), "its signed object does not hold");
  if (object->body.commitment != computed) {
    fault("record", row.n, Errc::kCommitmentMismatch, "its author signed another commitment");
  }
  const bool own = h.kind == RecordKind::kDecoy || h.kind == RecordKind::kRelease;
  const PublicKey* key = run_.key_of(h.author);
  const bool may = own ? h.author == lot_.opening.kid : run_.chain.enrolled(h.author) != nullptr;
  if (object->kid != h.author || key == nullptr || !may || !object->verified_by(*key)) {
    fault("record", row.n, Errc::kCoseSignature, "not signed by its author");
  }
}

void LotAudit::check_link(const RecordRow& row, const Digest& computed) {
  const Digest expected = row_hash_.value_or(start_);
  if (row.n == 0 || row_hash_) {
    if (row.previous != expected)
      fault("record", row.n, Errc::kPrevMismatch, "does not follow the row before");
  }
  if (row.time != row.record.head.time)
    fault("record", row.n, Errc::kCorrupt, "its time is not its head's");
  if (row.time < time_) fault("record", row.n, Errc::kTimeOrder, "is older than the row before");
  // A time that no row holds cannot be hashed.
  if (row.time > static_cast<std::uint64_t>(limits::kIntMax) ||
      row_hash(computed, row.time, expected) != row.hash) {
    fault("record", row.n, Errc::kPrevMismatch, "its hash does not give the private chain");
  }
  time_ = std::max(time_, row.time);
}

// The transaction of row n as it is stored; its place in the tree is kept even if it cannot be read.
std::optional<Signed<Transaction>> LotAudit::read_transaction(std::uint64_t n) {
  lot_.tx_ids.push_back({});
  const auto row = transactions_.extract(n);
  if (row.empty()) {
    fault("tx", n, Errc::kNotFound, "is missing");
    return std::nullopt;
  }
  ++run_.report.transactions;
  const auto& id = row.mapped().id;
  auto tx = open<Transaction>(row.mapped().object, run_.id());
  lot_.tx_ids.back() = tx ? tx->id : id.value_or(Digest{});
  if (!tx) {
    fault("tx", n, tx.code(), "the transaction does not hold");
    return std::nullopt;
  }
  if (id != tx->id) fault("tx", n, Errc::kCorrupt, "its id is not its object's");
  return *std::move(tx);
}

void LotAudit::check_transaction(std::uint64_t n, const std::optional<Digest>& computed) {
  const Digest before = lot_.tx_ids.empty() ? start_ : lot_.tx_ids.back();
  const auto tx = read_transaction(n);
  if (!tx) return;
  const Member* m = member_of(run_.chain, tx->kid);
  if (m == nullptr || tx->kid != lot_.opening.kid || !tx->verified_by(m->public_key)) {
    fault("tx", n, Errc::kTransactionSigner, "not signed by this node");
  }
  if (tx->body.prev != before) {
    fault("tx", n, Errc::kPrevMismatch, "does not follow the transaction before");
  }
  if (tx->body.time < tx_time_) {
    fault("tx", n, Errc::kTimeOrder, "is older than the transaction before");
  }
  if (computed && tx->body.commitment != *computed) {
    fault("record", n, Errc::kCommitmentMismatch, "commitment differs from its transaction");
  }
  check_arrivals("tx", n, tx->id, "transaction");
  tx_time_ = std::max(tx_time_, tx->body.time);
  lot_.transactions.push_back(tx->bytes);
  run_.sent.push_back(tx->id);
}

// Once a lot was applied for, every reviewer has signed that its opening and every transaction
// arrived.
void LotAudit::check_arrivals(std::string_view table, std::optional<std::uint64_t> row,
                              const Digest& id, std::string_view what) {
  if (lot_.state == "open") return;
  const BatchStore store(run_.db, run_.id());
  for (const auto& kid : lot_.opening.body.reviewers) {
    auto answered = store.answered(id, kid);
    if (answered && *answered) continue;
    const Member* m = member_of(run_.chain, kid);
    fault(table, row, Errc::kNotFound,
          fmt::format("no arrival of {} names this {}",
                      m != nullptr ? m->organisation : "a reviewer", what));
  }
}

}  // namespace lotmark::chain
