#include "ledger-node/order/pool.h"

#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/order/period_pool.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kSchema = R"sql(
-- Submissions that were promised and are not on the chain yet, in the order they came.
CREATE TABLE pending(
  n INTEGER PRIMARY KEY, inner_id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL, object BLOB NOT NULL,
  promise BLOB NOT NULL);
)sql";

// Two releases of one lot can never both get on the chain: of those that wait, each lot has one at most.
constexpr std::string_view kOneALot = R"sql(
ALTER TABLE pending ADD COLUMN lot TEXT;  -- GTIN/lot of a release; null of a refusal
CREATE UNIQUE INDEX pending_lot ON pending(lot);
)sql";

constexpr std::string_view kDelegation = R"sql(
CREATE TABLE delegation(only_one INTEGER PRIMARY KEY CHECK(only_one = 1), object BLOB NOT NULL);
)sql";

constexpr std::string_view kSubmitter = R"sql(
ALTER TABLE pending ADD COLUMN kid BLOB;  -- who signed it; null of those that an older program kept
CREATE INDEX pending_kid ON pending(kid);
)sql";

// What a submission is about: its own id, the application it decides, and the lot's code where it releases one.
struct Subject {
  Digest object;
  Digest inner;  // the application's id; of a revocation or recall its own
  std::optional<std::string> lot;
};

Result<Subject> subject_of(BlockKind kind, ByteView bytes, const Digest& chain) {
  if (kind == BlockKind::kRefusal) {
    LM_ASSIGN(auto refusal, lotmark::open<Refusal>(bytes, chain));
    return Subject{refusal.id, refusal.body.application, std::nullopt};
  }
  if (kind != BlockKind::kLot) {
    LM_ASSIGN(const Digest id, id_of(bytes));
    return Subject{id, id, std::nullopt};
  }
  LM_ASSIGN(auto release, lotmark::open<Release>(bytes, chain));
  LM_ASSIGN(auto a, lotmark::open<Application>(release.body.application.bytes, chain));
  return Subject{release.id, a.id, a.body.gtin.text + "/" + a.body.lot.text};
}

}  // namespace

Result<Pool> Pool::open(const std::filesystem::path& file, chain::PublicChain& chain,
                        const Signer& signer) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kSchema, kOneALot, kDelegation, kPeriodPoolSchema, kSubmitter}));
  return Pool(std::move(db), chain, signer);
}

// An operator's own revocation comes by way of its organisation's node.
bool Pool::is_of(const KeyId& kid, const Member& from) const {
  const chain::Enrolled* e = chain_->enrolled(kid);
  return e != nullptr && e->organisation == from.organisation;
}

Result<Bytes> Pool::take(ByteView object, const Member& from, std::uint64_t deadline) {
  const auto label = peek(object);
  const auto kind = chain::kind_of_submission(object);
  if (!label || !kind) return fail(Errc::kDenied, "no release, refusal, revocation or recall");
  if (label->kid != from.kid && !from.has(Role::kSupervising) && !is_of(label->kid, from))
    return fail(Errc::kDenied, "a submission comes from its own signer");
  LM_ASSIGN(auto subject, subject_of(*kind, object, chain_->chain_id()));
  LM_ASSIGN(auto given, promised(subject.inner, subject.object));
  if (given) return *std::move(given);
  LM_ASSIGN(auto on_chain, chain_->block_of(subject.inner));
  if (on_chain) return fail(Errc::kListDuplicate, "decided in block " + std::to_string(*on_chain));
  chain::OnceIds once;
  LM_TRY(chain::check_object_body(*chain_, *kind, {to_bytes(object)}, chain_->statements().newest(),
                                  once));
  LM_TRY(has_room(label->kid));
  LM_ASSIGN(auto promise, seal(Promise{subject.object, deadline}, *signer_, chain_->chain_id()));
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO pending(inner_id, kind, object, promise, lot, kid) "
                                "VALUES(?, ?, ?, ?, ?, ?)"));
  q.bind(1, subject.inner).bind(2, static_cast<int>(*kind)).bind(3, object).bind(4, promise.bytes);
  Status kept = q.bind(5, subject.lot).bind(6, label->kid).run();
  if (kept.code() == Errc::kConflict) {
    return fail(Errc::kConflict, "another release of lot " + subject.lot.value_or("") +
                                     " was promised and is not on the chain yet");
  }
  LM_TRY(std::move(kept));
  return promise.bytes;
}

// What is promised is owed and does not expire: nobody is promised more than so much at once.
Status Pool::has_room(const KeyId& kid) {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM pending WHERE kid = ?"));
  LM_ASSIGN(bool row, q.bind(1, kid).step());
  if (!row || q.u64(0) < kOfOneSigner) return {};
  ++turned_away_;
  return fail(Errc::kUnavailable,
              std::to_string(q.u64(0)) + " submissions of that signer wait for their block");
}

// The promise that was given for this very object; conflict if another one waits in its place.
Result<std::optional<Bytes>> Pool::promised(const Digest& inner, const Digest& object) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT promise FROM pending WHERE inner_id = ?"));
  LM_ASSIGN(bool row, q.bind(1, inner).step());
  if (!row) return std::optional<Bytes>();
  Bytes given = to_bytes(q.blob(0));
  LM_ASSIGN(auto promise, lotmark::open<Promise>(given, chain_->chain_id()));
  if (promise.body.object == object) return std::optional(std::move(given));
  return fail(Errc::kConflict, "another decision on that application was promised");
}

Result<std::vector<Pooled>> Pool::waiting(std::size_t limit) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT n, inner_id, kind, object FROM pending ORDER BY n LIMIT ?"));
  q.bind(1, static_cast<std::uint64_t>(limit));
  std::vector<Pooled> list;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return list;
    LM_ASSIGN(auto inner, q.fixed<Digest>(1));
    list.push_back({q.u64(0), inner, static_cast<BlockKind>(q.integer(2)), to_bytes(q.blob(3))});
  }
}

Status Pool::forget(std::uint64_t n) {
  LM_ASSIGN(auto q, db_.prepare("DELETE FROM pending WHERE n = ?"));
  return q.bind(1, n).run();
}

Result<std::uint64_t> Pool::size() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FROM pending"));
  LM_ASSIGN(bool row, q.step());
  return row ? q.u64(0) : 0;
}

Status Pool::fits(const Pooled& p) const {
  chain::OnceIds once;
  return chain::check_object_body(*chain_, p.kind, {p.object}, chain_->statements().newest(), once);
}

Result<std::optional<Bytes>> Pool::delegation() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT object FROM delegation"));
  LM_ASSIGN(bool row, q.step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

Status Pool::set_delegation(const std::optional<Bytes>& delegation) {
  if (!delegation) return db_.exec("DELETE FROM delegation");
  LM_ASSIGN(auto q,
            db_.prepare("INSERT OR REPLACE INTO delegation(only_one, object) VALUES(1, ?)"));
  return q.bind(1, *delegation).run();
}

}  // namespace lotmark::node
