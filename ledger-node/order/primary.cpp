#include "ledger-node/order/primary.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/body_checks.h"

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

std::uint64_t ms_of(Time t) { return static_cast<std::uint64_t>(to_ms(t)); }

// What a submission is about: its own id, and the lot's code where it releases one.
struct Subject {
  Digest object;
  std::optional<std::string> lot;
};

Result<Subject> subject_of(BlockKind kind, ByteView bytes, const Digest& chain) {
  if (kind == BlockKind::kRefusal) {
    LM_ASSIGN(auto refusal, lotmark::open<Refusal>(bytes, chain));
    return Subject{refusal.id, std::nullopt};
  }
  LM_ASSIGN(auto release, lotmark::open<Release>(bytes, chain));
  LM_ASSIGN(auto a, lotmark::open<Application>(release.body.application.bytes, chain));
  return Subject{release.id, a.body.gtin.text + "/" + a.body.lot.text};
}

Status check_body(const chain::PublicChain& chain, BlockKind kind, const ObjectBytes& body,
                  chain::OnceIds& once) {
  const Membership& judge = chain.statements().newest();
  return kind == BlockKind::kLot ? chain::check_lot_body(chain, body, judge, once)
                                 : chain::check_refusal_body(chain, body, judge, once);
}

// The submission itself breaks a rule of the formats; not: this node could not look.
bool is_of_the_formats(const Status& s) {
  return !s && static_cast<unsigned>(s.code()) < static_cast<unsigned>(Errc::kIo);
}

}  // namespace

Primary::Primary(store::Database db, chain::PublicChain& chain, const Signer& signer,
                 const PrimaryConfig& config)
    : db_(std::move(db)), chain_(chain), signer_(signer), config_(config), period_(chain) {}

Result<std::unique_ptr<Primary>> Primary::open(const std::filesystem::path& file,
                                               chain::PublicChain& chain, const Signer& signer,
                                               const PrimaryConfig& config) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kSchema, kOneALot}));
  return std::unique_ptr<Primary>(new Primary(std::move(db), chain, signer, config));
}

std::optional<Reply> Primary::peer(const Route& route, const Call& call, const Member& from,
                                   Time now) {
  if (call.method != "POST") return std::nullopt;
  if (route.parts[2] == "heads") {
    Status done = period_.take_head(call.body, from.kid);
    return done ? reply_cbor(encode_list({})) : reply_error(done.error());
  }
  if (route.parts[2] != "releases") return std::nullopt;
  auto promise = take_submission(call, from, now);
  if (promise) return reply_cbor(std::move(*promise));
  ++refused_;
  log::warn("order.refused", {{"from", from.organisation}, {"error", promise.error().message()}});
  return reply_error(promise.error());
}

// Checked as the chain will check it, kept, then promised; the same submission gets the same promise.
Result<Bytes> Primary::take_submission(const Call& call, const Member& from, Time now) {
  const auto label = peek(call.body);
  if (!label || label->kid != from.kid)
    return fail(Errc::kDenied, "a submission comes from its own signer");
  const BlockKind kind = label->type == "refusal" ? BlockKind::kRefusal : BlockKind::kLot;
  chain::OnceIds once;
  LM_TRY(check_body(chain_, kind, {call.body}, once));
  LM_ASSIGN(auto subject, subject_of(kind, call.body, chain_.chain_id()));
  LM_ASSIGN(auto given, pending_promise(once.front(), subject.object));
  if (given) return *std::move(given);
  LM_ASSIGN(auto on_chain, chain_.block_of(once.front()));
  if (on_chain) return fail(Errc::kListDuplicate, "decided in block " + std::to_string(*on_chain));
  LM_ASSIGN(auto promise, seal(Promise{subject.object, ms_of(now + config_.promise)}, signer_,
                               chain_.chain_id()));
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO pending(inner_id, kind, object, promise, lot) "
                                "VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, once.front()).bind(2, static_cast<int>(kind)).bind(3, call.body).bind(4, promise.bytes);
  Status kept = q.bind(5, subject.lot).run();
  if (kept.code() == Errc::kConflict) {
    return fail(Errc::kConflict, "another release of lot " + subject.lot.value_or("") +
                                     " was promised and is not on the chain yet");
  }
  LM_TRY(std::move(kept));
  return promise.bytes;
}

// The promise that was given for this very object; conflict if another one waits in its place.
Result<std::optional<Bytes>> Primary::pending_promise(const Digest& inner,
                                                      const Digest& object) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT promise FROM pending WHERE inner_id = ?"));
  LM_ASSIGN(bool row, q.bind(1, inner).step());
  if (!row) return std::optional<Bytes>();
  Bytes given = to_bytes(q.blob(0));
  LM_ASSIGN(auto promise, lotmark::open<Promise>(given, chain_.chain_id()));
  if (promise.body.object == object) return std::optional(std::move(given));
  return fail(Errc::kConflict, "another decision on that application was promised");
}

Block Primary::next_block(BlockKind kind, BlockBody body, Time now) const {
  const auto& tip = chain_.tip();
  Block b;
  b.kind = kind;
  b.epoch = chain_.statements().newest().epoch;
  b.term = tip.body.term;
  b.number = chain_.size();
  b.prev = tip.id;
  b.time = std::max(ms_of(now), tip.body.time);
  b.body = std::move(body);
  return b;
}

Status Primary::order(const Block& block, Time now) {
  const Bytes payload = encode(block);
  LM_TRY(chain_.reserve(block.term, block.number, payload));
  LM_ASSIGN(auto sealed, seal(block, signer_, chain_.chain_id()));
  LM_TRY(chain_.store_signed(block.term, block.number, sealed.bytes));
  LM_TRY(chain_.append(sealed.bytes, now));
  ++ordered_;
  log::info("order.block",
            {{"number", block.number}, {"kind", name(block.kind)}, {"id", short_hex(sealed.id)}});
  return {};
}

Status Primary::finish_reserved(Time now) {
  const std::uint64_t term = chain_.tip().body.term;
  LM_ASSIGN(auto done, chain_.signed_block(term, chain_.size()));
  if (done) return chain_.append(*done, now);
  LM_ASSIGN(auto payload, chain_.reserved(term, chain_.size()));
  if (!payload) return {};
  LM_ASSIGN(auto block, decode<Block>(*payload));
  return order(block, now);
}

Status Primary::order_pending(Time now) {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT n, inner_id, kind, object FROM pending ORDER BY n LIMIT 64"));
  struct Pending {
    std::uint64_t n;
    Digest inner;
    BlockKind kind;
    Bytes object;
  };
  std::vector<Pending> list;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    LM_ASSIGN(auto inner, q.fixed<Digest>(1));
    list.push_back({q.u64(0), inner, static_cast<BlockKind>(q.integer(2)), to_bytes(q.blob(3))});
  }
  for (const auto& p : list) {
    LM_ASSIGN(auto on_chain, chain_.block_of(p.inner));
    if (!on_chain) {
      chain::OnceIds once;
      const ObjectBytes body{p.object};
      const Status fits = check_body(chain_, p.kind, body, once);
      if (is_of_the_formats(fits)) log::warn("order.dropped", {{"error", fits.error().message()}});
      else if (!fits) return fits;  // kept: what was promised is tried again
      else LM_TRY(order(next_block(p.kind, body, now), now));
    }
    LM_ASSIGN(auto remove, db_.prepare("DELETE FROM pending WHERE n = ?"));
    LM_TRY(remove.bind(1, p.n).run());
  }
  return {};
}

Status Primary::order_period(Time now) {
  const std::uint64_t last =
      chain_.last_period_time().value_or(chain_.statements().genesis().body.time);
  if (ms_of(now) < last + static_cast<std::uint64_t>(config_.period.count())) return {};
  PeriodBody body = period_.body();
  chain::OnceIds once;
  Status fits = chain::check_period_body(chain_, body, chain_.statements().newest(), once);
  period_.clear();
  if (!fits) {  // a head went stale since it was taken: its sender makes a new one
    log::warn("order.period_without_heads", {{"error", fits.error().message()}});
    body = period_.body();
  }
  return order(next_block(BlockKind::kPeriod, std::move(body), now), now);
}

std::vector<Outgoing> Primary::tick(Time now) {
  for (Status done : {finish_reserved(now), order_pending(now), order_period(now)}) {
    if (!done) log::error("order.failed", {{"error", done.error().message()}});
  }
  return {};
}

std::vector<std::pair<std::string, double>> Primary::metrics() const {
  return {{"lotmark_blocks_ordered_total", static_cast<double>(ordered_)},
          {"lotmark_submissions_refused_total", static_cast<double>(refused_)}};
}

}  // namespace lotmark::node
