// The other direction: what the chain decided, and what arrived here, must have its rows. A lot that was
// deleted whole is named by its block.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

// Whether a table has a row with that id in that column.
class Holds {
 public:
  static Result<Holds> of(const store::Database& db, std::string_view column,
                          std::string_view table) {
    LM_ASSIGN(auto q,
              db.prepare(fmt::format("SELECT 1 FROM {} WHERE {} = ? LIMIT 1", table, column)));
    return Holds(std::move(q));
  }
  Result<bool> operator()(const Digest& id) {
    auto row = q_.bind(1, id).step();
    q_.reset();
    return row;
  }

 private:
  explicit Holds(store::Query q) : q_(std::move(q)) {}
  store::Query q_;
};

// Applications are in no index of a node's: the book keeps their ids.
Status gather_applications(AuditRun& run, bool review) {
  LM_ASSIGN(auto q, run.db.prepare(
                        fmt::format("SELECT application_id FROM {}", review ? "review" : "batch")));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    if (const auto id = Digest::from(q.blob(0))) run.book.add_applied(run.file, review, *id);
  }
}

void missing(AuditRun& run, std::string table, std::string lot, std::uint64_t block,
             std::string text) {
  run.fault(
      {std::move(table), {}, {}, std::move(lot), block, Errc::kNotFound, std::move(text), {}});
}

Status decided_lots(AuditRun& run) {
  LM_ASSIGN(auto batch, Holds::of(run.db, "start", "batch"));
  LM_ASSIGN(auto review, Holds::of(run.db, "start", "review"));
  Status read;
  run.book.each_lot([&](const SeenLot& lot) {
    if (!read || !run.wanted(lot.gtin, lot.lot, lot.enterprise)) return;
    if (run.own(lot.enterprise)) {
      const auto there = batch(lot.start);
      if (!there) read = there.error();
      else if (!*there)
        missing(run, "batch", lot.lot, lot.block, "is missing, the chain released it");
    }
    if (run.own(lot.reviewer)) {
      const auto there = review(lot.start);
      if (!there) read = there.error();
      else if (!*there)
        missing(run, "review", lot.lot, lot.block, "is missing, this node released it");
    }
  });
  return read;
}

Status decided_refusals(AuditRun& run) {
  LM_TRY(gather_applications(run, false));
  LM_TRY(gather_applications(run, true));
  const bool sole = run.self() != nullptr && run.self()->has(Role::kKeeping) && run.sole_keeper();
  run.book.each_refusal([&](const SeenRefusal& refused) {
    if (sole && !run.book.applied(run.file, false, refused.application))
      missing(run, "batch", {}, refused.block,
              "none applied with what was refused, and no other member keeps lots");
    if (run.own(refused.reviewer) && !run.book.applied(run.file, true, refused.application))
      missing(run, "review", {}, refused.block, "none is of what this node refused");
  });
  return {};
}

}  // namespace

Status audit_decided(AuditRun& run) {
  LM_TRY(decided_lots(run));
  return run.light() ? Status() : decided_refusals(run);
}

// A reviewer answers what it has taken in: of each object it signed an arrival for, the row is there.
Status audit_submissions(AuditRun& run) {
  if (run.self() == nullptr || !run.self()->has(Role::kReviewing)) return {};
  LM_ASSIGN(auto transactions, Holds::of(run.db, "id", "tx"));
  LM_TRY(gather_applications(run, true));
  LM_ASSIGN(auto starts, Holds::of(run.db, "start", "review"));
  LM_ASSIGN(auto q, run.db.prepare("SELECT idx, id, type, object FROM received ORDER BY idx"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto id = Digest::from(q.blob(1));
    const std::string type = q.text(2);
    if (!id || q.integer(0) < 0) continue;  // said
    Result<bool> kept = true;
    if (type == "transaction") kept = transactions(*id);
    if (type == "application") kept = run.book.applied(run.file, true, *id);
    if (type == "opening") {
      auto o = open<Opening>(q.blob(3), run.id());
      if (o) kept = starts(o->body.start);
    }
    if (!kept) return kept.error();
    if (!*kept)
      run.fault("received", q.u64(0), Errc::kNotFound,
                fmt::format("this {} is in no review", type));
  }
}

// ---- contradictions -------------------------------------------------------------------------

namespace {

struct Contradicting {
  Digest id;
  KeyId kid;
  // Where it stands: two that overlap there contradict each other.
  LifeId life;
  Digest prev;
  std::uint64_t seq = 0, last = 0;
};

Result<Contradicting> read_side(const AuditRun& run, ByteView bytes, bool fork) {
  Contradicting c;
  const auto take = [&](const auto& object) -> Status {
    const PublicKey* key = run.key_of(object.kid);
    if (key == nullptr || !verify_once(*key, object.id, object.signature))
      return Errc::kCoseSignature;
    c.id = object.id;
    c.kid = object.kid;
    return {};
  };
  if (fork) {
    LM_ASSIGN(auto t, open<Transaction>(bytes, run.id()));
    c.prev = t.body.prev;
    LM_TRY(take(t));
    return c;
  }
  if (auto g = open<Gap>(bytes, run.id())) {
    c.life = g->body.life;
    c.seq = g->body.seq;
    c.last = g->body.last;
    LM_TRY(take(*g));
    return c;
  }
  WireReader reader;
  LM_ASSIGN(auto b, reader.open_bundle(bytes, run.id()));
  c.life = b.body.life;
  c.seq = c.last = b.body.seq;
  LM_TRY(take(b));
  return c;
}

Status check_contradiction(const AuditRun& run, const store::Query& q) {
  const std::string kind = q.text(1);
  const bool fork = kind == "transaction-fork";
  if (!fork && kind != "seq-conflict") return fail(Errc::kEnumUnknown, "of no kind a node keeps");
  LM_ASSIGN(const auto first, read_side(run, q.blob(4), fork));
  LM_ASSIGN(const auto second, read_side(run, q.blob(5), fork));
  if (second.kid != KeyId::from(q.blob(2)) || second.id != Digest::from(q.blob(3)))
    return fail(Errc::kCorrupt, "its signer or id is not its object's");
  const bool overlap = first.prev == second.prev && first.life == second.life &&
                       first.seq <= second.last && second.seq <= first.last;
  if (first.kid != second.kid || first.id == second.id || !overlap)
    return fail(Errc::kCorrupt, "its two objects do not contradict each other");
  return {};
}

}  // namespace

Status audit_evidence(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare(
                        "SELECT n, kind, signer, other, first, second FROM evidence ORDER BY n"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    if (Status ok = check_contradiction(run, q); !ok)
      run.fault("evidence", q.u64(0), ok.code(), ok.error().message());
  }
}

}  // namespace lotmark::chain
