// The organisation's period chain: records against their events, their author and their transactions, those against the
// chain, each row against the one before. docs/format/events.md. And what was told of captures.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/private/audit_events.h"

namespace lotmark::chain {

namespace {

// What no row of ours holds cannot be written as it would be hashed.
bool writable(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(limits::kIntMax);
}

struct PeriodRow {
  std::int64_t period = 0;
  std::optional<Digest> commitment;  // computed of head and segments
  std::uint64_t time = 0;
  std::optional<Digest> previous, hash;
  std::optional<Digest> tx_id;  // of the object, where it can be read
  std::optional<Digest> tx_prev;
  std::vector<AuditFault> faults;
};

// One row by itself.
class PeriodReader {
 public:
  PeriodReader(const AuditReader& reader, const AuditRun& of) : reader_(reader), of_(of) {}

  // Columns period, commitment, head, segments, object, time, previous, hash, tx_id, tx.
  Status read(const store::Query& q, PeriodRow& row) {
    row_ = &row;
    row.period = q.integer(0);
    row.time = q.u64(5);
    row.previous = Digest::from(q.blob(6));
    row.hash = Digest::from(q.blob(7));
    const auto head = decode<RecordHead>(q.blob(2));
    const auto segments = decode_segments(q.blob(3));
    if (!head) fault(head.code(), "its head cannot be read");
    if (!segments) fault(segments.code(), "its segments cannot be read");
    const auto stored = Digest::from(q.blob(1));
    if (!writable(q.u64(0)) || !writable(row.time)) {
      fault(Errc::kFieldRange, "its period or time is none");
      row.time = 0;
      return {};
    }
    if (head && segments) check_head(*head, *segments, stored);
    if (head) check_author(*head, q.blob(4));
    check_transaction(q);
    if (!segments || !stored) return {};
    const EventHolder holder{*stored, *segments, fmt::format("period record {}", row.period), true};
    return check_event_segments(*reader_.db, holder,
                                [&](AuditFault f) { row.faults.push_back(std::move(f)); });
  }

 private:
  const Digest& id() const { return reader_.chain.chain_id(); }
  void fault(Errc e, std::string text) {
    row_->faults.push_back({"period_record",
                            static_cast<std::uint64_t>(row_->period),
                            {},
                            {},
                            {},
                            e,
                            std::move(text),
                            {}});
  }

  void check_head(const RecordHead& h, const std::vector<Bytes>& segments,
                  const std::optional<Digest>& stored) {
    const Member* m = member_of(reader_.chain, h.author);
    const PeriodScope scope{m != nullptr ? m->organisation : std::string(),
                            static_cast<std::uint64_t>(row_->period)};
    row_->commitment = commitment(id(), scope, h, segments_root(segments));
    if (row_->commitment != stored)
      fault(Errc::kCommitmentMismatch, "period, head and segments do not give its commitment");
    if (h.segments != segments.size() || segments.empty())
      fault(Errc::kRecordSegments,
            fmt::format("has {} segments, its head says {}", segments.size(), h.segments));
    if (h.kind != RecordKind::kPeriod || h.step || h.corrects)
      fault(Errc::kEnumUnknown, "its head is that of another kind of record");
    if (h.time != row_->time) fault(Errc::kCorrupt, "its time is not its head's");
  }

  void check_author(const RecordHead& h, ByteView bytes) {
    const auto object = open<Record>(bytes, id());
    if (!object) return fault(object.code(), "its signed object does not hold");
    if (object->body.commitment != row_->commitment || object->body.inner)
      fault(Errc::kCommitmentMismatch, "its object signs another commitment");
    const PublicKey* key = key_of(reader_.chain, object->kid);
    if (object->kid != h.author || !of_.own(object->kid) || key == nullptr ||
        !object->verified_by(*key))
      fault(Errc::kCoseSignature, "its object is not signed by this node");
  }

  void check_transaction(const store::Query& q) {
    const auto tx = open<Transaction>(q.blob(9), id());
    if (!tx) {
      row_->tx_id = Digest::from(q.blob(8));
      return fault(tx.code(), "its tx does not hold");
    }
    row_->tx_id = tx->id;
    row_->tx_prev = tx->body.prev;
    if (Digest::from(q.blob(8)) != tx->id) fault(Errc::kCorrupt, "its tx_id is not that of its tx");
    if (tx->body.commitment != row_->commitment)
      fault(Errc::kCommitmentMismatch, "its commitment differs from its transaction");
    if (tx->body.time != row_->time) fault(Errc::kCorrupt, "its time is not its transaction's");
    const PublicKey* key = key_of(reader_.chain, tx->kid);
    if (!of_.own(tx->kid) || key == nullptr || !tx->verified_by(*key))
      fault(Errc::kTransactionSigner, "its tx is not signed by this node");
  }

  const AuditReader& reader_;
  const AuditRun& of_;
  PeriodRow* row_ = nullptr;
};

class PeriodAudit final : public LogAudit {
 public:
  explicit PeriodAudit(AuditRun& run) : run_(run), hash_(run.id()), tx_(run.id()) {}

  struct Rows final : Stretch {
    std::vector<PeriodRow> rows;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    LM_ASSIGN(auto q, reader.db->prepare(
                          "SELECT period, commitment, head, segments, object, time, previous, "
                          "hash, tx_id, tx FROM period_record WHERE period >= ? AND period < ? "
                          "ORDER BY period"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool more, q.step());
      if (!more) return std::unique_ptr<Stretch>(std::move(out));
      PeriodRow row;
      LM_TRY(PeriodReader(reader, run_).read(q, row));
      out->rows.push_back(std::move(row));
    }
  }

  void take(Stretch& stretch) override {
    for (auto& row : static_cast<Rows&>(stretch).rows) {
      ++run_.report.period_records;
      if (row.period < 0)
        fault(row.period, Errc::kCorrupt, fmt::format("a row is numbered {}", row.period));
      for (auto& f : row.faults) run_.fault(std::move(f));
      check_links(row);
      check_logged(row);
    }
  }

  // The other direction: what the chain logged of this node has its row.
  Status finish() override {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT 1 FROM period_record WHERE tx_id = ?"));
    Status read;
    run_.book.each_period(run_.keys, [&](const Digest& tx, std::uint64_t block) {
      if (!read) return;
      const auto row = q.bind(1, tx).step();
      q.reset();
      if (!row) read = row.error();
      else if (!*row)
        run_.fault("period_record", {}, Errc::kNotFound,
                   fmt::format("that of transaction {} is missing", short_hex(tx)), block);
    });
    return read;
  }

  std::string state() const override {
    nlohmann::json j = {{"hash", to_hex(hash_)}, {"tx", to_hex(tx_)}, {"time", time_}};
    if (unlogged_) j["unlogged"] = *unlogged_;
    return j.dump();
  }

  Status restore(std::string_view state) override {
    const auto j = nlohmann::json::parse(state, nullptr, false);
    const Error damaged = fail(Errc::kCorrupt, "the state of period_record cannot be read");
    if (!j.is_object()) return damaged;
    const auto hash = fixed_from_hex<Digest>(j.value("hash", ""));
    const auto tx = fixed_from_hex<Digest>(j.value("tx", ""));
    if (!hash || !tx) return damaged;
    hash_ = *hash;
    tx_ = *tx;
    time_ = j.value("time", std::uint64_t{0});
    if (j.contains("unlogged")) unlogged_ = j.value("unlogged", std::int64_t{0});
    return {};
  }

 private:
  void fault(std::int64_t period, Errc e, std::string text,
             std::optional<std::uint64_t> block = {}) {
    run_.fault("period_record",
               period < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(period)), e,
               std::move(text), block);
  }

  void check_links(const PeriodRow& row) {
    if (row.previous != hash_)
      fault(row.period, Errc::kPrevMismatch, "its previous is not the hash of the record before");
    if (row.commitment && row_hash(*row.commitment, row.time, hash_) != row.hash)
      fault(row.period, Errc::kPrevMismatch, "its hash does not give the period chain");
    if (row.tx_prev && row.tx_prev != tx_)
      fault(row.period, Errc::kPrevMismatch, "its tx does not follow the transaction before");
    if (row.time < time_)
      fault(row.period, Errc::kTimeOrder, "its time is before that of the record before");
    hash_ = row.hash.value_or(Digest{});
    tx_ = row.tx_id.value_or(Digest{});
    time_ = std::max(time_, row.time);
  }

  // Records follow one another onto the chain: one is missing there only as long as none behind it is there.
  void check_logged(const PeriodRow& row) {
    const auto block = row.tx_id ? run_.book.once(*row.tx_id) : std::nullopt;
    if (!block) {
      if (!unlogged_ && !may_be_cut(row.time)) unlogged_ = row.period;
      return;
    }
    if (!unlogged_) return;
    fault(*unlogged_, Errc::kNotFound,
          fmt::format("its transaction is not on the chain, that of record {} is", row.period),
          *block);
    unlogged_.reset();
  }

  // The body of the block that may hold it is not here any more.
  bool may_be_cut(std::uint64_t time) const {
    const auto first = run_.chain.first_after(time);
    return first && *first && **first < run_.chain.dropped_end();
  }

  AuditRun& run_;
  Digest hash_, tx_;  // of the row before
  std::uint64_t time_ = 0;
  std::optional<std::int64_t> unlogged_;
};

// ---- jobs -----------------------------------------------------------------------------------

constexpr std::size_t kJobOwnerMax = 1024;

class JobAudit final : public LogAudit {
 public:
  explicit JobAudit(AuditRun& run) : run_(run) {}

  struct Rows final : Stretch {
    std::vector<AuditFault> faults;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    LM_ASSIGN(auto q,
              reader.db->prepare("SELECT k, id, created, finished, proceed, success, "
                                 "errors, first, last, owner FROM capture_job WHERE k >= ? AND k "
                                 "< ? ORDER BY k"));
    LM_ASSIGN(auto events, reader.db->prepare("SELECT count(*), min(recorded), max(recorded) FROM "
                                              "event WHERE n BETWEEN ? AND ?"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool more, q.step());
      if (!more) return std::unique_ptr<Stretch>(std::move(out));
      const auto fault = [&](std::string text) {
        out->faults.push_back(
            {"capture_job", q.u64(0), {}, {}, {}, Errc::kCorrupt, std::move(text), {}});
      };
      check_job(q, fault);
      if (q.is_null(7) && q.is_null(8)) continue;
      LM_ASSIGN(const bool row, events.bind(1, q.integer(7)).bind(2, q.integer(8)).step());
      const std::int64_t count = row ? events.integer(0) : 0;
      const bool same = events.integer(1) == q.integer(2) && events.integer(2) == q.integer(3);
      events.reset();
      // Reckoned from the rows that are there: last - first of a changed row may be no number.
      if (q.is_null(7) || q.is_null(8) || count == 0 ||
          q.integer(8) - (count - 1) != q.integer(7)) {
        fault("events first to last are not all there");
      } else if (!same) {
        fault("its created and finished are not the recorded of events first to last");
      }
    }
  }

  void take(Stretch& stretch) override {
    for (auto& f : static_cast<Rows&>(stretch).faults) run_.fault(std::move(f));
  }
  Status finish() override { return {}; }
  std::string state() const override { return "{}"; }
  Status restore(std::string_view) override { return {}; }

 private:
  template <class Fault>
  static void check_job(const store::Query& q, const Fault& fault) {
    const std::string id = q.text(1);
    const bool uuid = id.size() == 36 && std::ranges::all_of(id, [](char c) {
                        return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
    if (!uuid) fault("its id is no job's");
    if (q.text(9).size() > kJobOwnerMax) fault("its owner is no client's id");
    // Events in parts are kept one part after another.
    const bool in_parts = q.integer(4) == 1 && !q.is_null(7);
    if (!in_parts && q.integer(2) != q.integer(3)) fault("its finished is not its created");
    if (q.u64(4) > 1 || q.u64(5) > 1) fault("its proceed or success is neither 0 nor 1");
    const auto errors = nlohmann::json::parse(q.text(6), nullptr, false);
    if (!errors.is_array()) return fault("its errors are no list");
    if (errors.empty() != (q.integer(5) == 1)) fault("its success is not what its errors say");
    if (q.integer(4) == 0 && q.integer(5) == 0 && !q.is_null(7))
      fault("was rolled back, and names events");
  }

  AuditRun& run_;
};

}  // namespace

Result<std::unique_ptr<LogAudit>> make_period_audit(AuditRun& run) {
  return std::unique_ptr<LogAudit>(std::make_unique<PeriodAudit>(run));
}

Result<std::unique_ptr<LogAudit>> make_job_audit(AuditRun& run) {
  return std::unique_ptr<LogAudit>(std::make_unique<JobAudit>(run));
}

}  // namespace lotmark::chain
