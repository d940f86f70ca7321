#include "ledger-node/order/primary.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/body_checks.h"

namespace lotmark::node {

namespace {

// So many blocks may wait for a quorum before no more are made.
constexpr std::uint64_t kUnfinalMax = 512;
constexpr std::uint64_t kRefill = 16;  // final blocks that are put back into an emptied log
constexpr std::size_t kPoolRun = 2048;
constexpr Millis kStalled{5000};

std::uint64_t ms_of(Time t) { return static_cast<std::uint64_t>(to_ms(t)); }

// The submission itself breaks a rule of the formats; not: this node could not look.
bool is_of_the_formats(const Status& s) {
  return !s && static_cast<unsigned>(s.code()) < static_cast<unsigned>(Errc::kIo);
}

unsigned rank_of(const chain::PublicChain& chain, const KeyId& self) {
  unsigned rank = 0;
  for (const auto& m : chain.statements().newest().members) {
    if (m.kid == self) return rank;
    rank += m.has(Role::kSupervising) ? 1 : 0;
  }
  return rank;
}

}  // namespace

Primary::Primary(Pool pool, chain::PublicChain& chain, const Signer& signer, const TurnGiver& turns,
                 const PrimaryConfig& config)
    : pool_(std::move(pool)),
      chain_(chain),
      signer_(signer),
      turns_(turns),
      config_(config),
      period_(chain) {}

Result<std::unique_ptr<Primary>> Primary::open(const std::filesystem::path& file,
                                               chain::PublicChain& chain, const Signer& signer,
                                               const TurnGiver& turns, const PrimaryConfig& config,
                                               std::unique_ptr<OrderLog> engine) {
  LM_ASSIGN(auto pool, Pool::open(file, chain, signer));
  std::unique_ptr<Primary> primary(new Primary(std::move(pool), chain, signer, turns, config));
  if (engine)
    primary->engine_.emplace(std::move(engine), signer.kid(), rank_of(chain, signer.kid()));
  return primary;
}

// ---- calls ---------------------------------------------------------------------------------------

std::optional<Reply> Primary::peer(const Route& route, const Call& call, const Member& from,
                                   Time now) {
  if (call.method != "POST") return std::nullopt;
  const std::string& what = route.parts[2];
  const bool submits = what == "releases" || what == "revocations" || what == "recalls";
  if (what != "heads" && !submits) return std::nullopt;
  if (!leads(now)) return reply_error(fail(Errc::kNotReady, "this node does not order now"));
  if (what == "heads") {
    Status done = period_.take_head(call.body, from.kid);
    return done ? reply_cbor(encode_list({})) : reply_error(done.error());
  }
  const auto kind = chain::kind_of_submission(call.body);
  if (!kind || door_of(*kind) != what)
    return reply_error(fail(Errc::kDenied, "no object for " + what));
  auto promise = pool_.take(call.body, from, ms_of(now + config_.promise));
  pool_new_ = true;
  if (promise) return reply_cbor(std::move(*promise));
  ++refused_;
  log::warn("order.refused", {{"from", from.organisation}, {"error", promise.error().message()}});
  return reply_error(promise.error());
}

std::optional<Reply> Primary::control(const Route& route, const Call& call,
                                      const chain::Enrolled& /*from*/, Time now) {
  if (route.parts.size() != 3 || route.parts[2] != "delegations" || call.method != "POST")
    return std::nullopt;
  Status done = take_delegation(call.body, now);
  if (!done) return reply_error(done.error());
  return reply_json(nlohmann::json{{"term", takeover_->term()}}.dump());
}

Status Primary::take_delegation(ByteView object, Time now) {
  if (engine_) return fail(Errc::kConfig, "the ordering engine's lease moves the role here");
  LM_ASSIGN(auto d, lotmark::open<Delegation>(object, chain_.chain_id()));
  LM_ASSIGN(auto checked, chain::check_delegation(chain_, object, chain_.statements().newest(),
                                                  d.body.term, signer_.kid()));
  LM_ASSIGN(takeover_, Takeover::begin(chain_, signer_, checked.body.term, checked.bytes, now));
  return pool_.set_delegation(checked.bytes);
}

// ---- the role ------------------------------------------------------------------------------------

bool Primary::is_holder() const {
  const KeyId* holder = chain_.holder();
  if (holder != nullptr) return *holder == signer_.kid();
  return chain_.term() == 0 && config_.first == signer_.kid();
}

bool Primary::holds_term() const { return is_holder() && chain_.may_sign_in(chain_.term()); }

// The present term is this node's and leads nowhere: a member that lost its memory signs only in a higher one; this
// node bound itself to a higher one, which nobody else was given; or no quorum voted for too long, as where members
// gave their turns to somebody who then failed.
bool Primary::must_reopen(Time now) const {
  if (turns_.offered() > chain_.term() || (progress_ && now > progress_->at + kStalled))
    return true;
  const auto s = chain_.standing();
  return s && *s && (*s)->term > chain_.term() && (!(*s)->asker || (*s)->asker == signer_.kid());
}

// Since when the same blocks wait for a quorum.
void Primary::watch_progress(Time now) {
  const std::uint64_t final_size = chain_.final_size();
  if (!holds_term() || final_size == chain_.size() || chain_.size() < 2) return progress_.reset();
  if (!progress_ || progress_->final_size != final_size || progress_->term != chain_.term())
    progress_ = Progress{final_size, chain_.term(), now};
}

bool Primary::leads(Time now) const {
  if (takeover_ || !holds_term()) return false;
  return !engine_ || (engine_->readable() && engine_->held(chain_.term(), now));
}

std::uint64_t Primary::next_term() const {
  std::uint64_t term = std::max({chain_.term(), seen_term_, engine_ ? engine_->lease_term() : 0});
  const auto standing = chain_.standing();
  if (standing && *standing) term = std::max(term, (*standing)->term);
  return term + 1;
}

// The lease follows what this node can do: it keeps its own term while it may sign in it, or takes the next.
void Primary::use_engine(Time now) {
  engine_->pump(now, [&](ByteView block) {
    const Status taken = chain_.append(block, now);
    if (!taken && taken.code() != Errc::kBlockNumber && taken.code() != Errc::kBlockFork) {
      log::debug("order.entry_passed_over", {{"error", taken.error().message()}});
    }
  });
  if (const auto standing = chain_.standing(); !standing || !*standing) return;  // recovering
  const bool good = holds_term() && !must_reopen(now);
  const std::uint64_t wanted = takeover_ ? takeover_->term() : good ? chain_.term() : next_term();
  engine_->keep_lease(wanted, now);
  const std::uint64_t leased = engine_->lease_term();
  const bool unused = leased > std::max(chain_.term(), seen_term_);
  if (!takeover_ && unused && engine_->held(leased, now)) take_up(leased, {}, now);
}

void Primary::take_up(std::uint64_t term, std::optional<Bytes> delegation, Time now) {
  auto begun = Takeover::begin(chain_, signer_, term, std::move(delegation), now);
  if (begun) {
    takeover_ = *std::move(begun);
    return;
  }
  seen_term_ = std::max(seen_term_, term);
  log::warn("order.takeover_not_begun", {{"term", term}, {"error", begun.error().message()}});
}

void Primary::go_on_taking_over(Time now, std::vector<Outgoing>& out) {
  constexpr Millis kPatience{4000};
  for (auto& call : takeover_->tick(now)) out.push_back(std::move(call));
  const std::uint64_t term = takeover_->term();
  // Of its own accord it only opens its own term anew, while that is the newest.
  const bool lost = !engine_ && !takeover_->delegation() && !is_holder();
  if (chain_.term() >= term || takeover_->state() == Takeover::State::kPassed || lost ||
      !chain_.may_sign_in(term)) {
    seen_term_ = std::max({seen_term_, takeover_->seen_term(), term});
    const bool ours = chain_.term() == term && holds_term();
    log::info(ours ? "order.takeover_done" : "order.takeover_passed", {{"term", term}});
    takeover_.reset();
    if (engine_) engine_->drop();
    return;
  }
  const bool ready = takeover_->state() == Takeover::State::kReady;
  if (engine_ && now > takeover_->begun() + kPatience && !(ready && engine_->held(term, now))) {
    log::warn("order.takeover_given_up", {{"term", term}});
    takeover_.reset();
    engine_->rest(now + kPatience);  // somebody else may reach more members
    return;
  }
  if (!ready) return;
  if (engine_ && (!engine_->readable() || !engine_->held(term, now))) return;
  if (Status done = open_term(now); !done)
    log::error("order.failed", {{"error", done.error().message()}});
}

// The term's first block. One that was signed before a crash leaves again, or the term's number is used up.
Status Primary::open_term(Time now) {
  if (engine_ && engine_->placing()) return place({}, now);
  const std::uint64_t term = takeover_->term();
  LM_ASSIGN(auto before, chain_.signed_block(term, chain_.size()));
  LM_ASSIGN(bool used, chain_.signed_in(term));
  if (before) {
    LM_ASSIGN(auto block, lotmark::open<Block>(*before, chain_.chain_id()));
    if (block.body.prev == chain_.tip().id) return place(*std::move(before), now);
  }
  if (used) {
    seen_term_ = std::max(seen_term_, term);
    takeover_.reset();
    return fail(Errc::kBlockTerm,
                "a block of term " + std::to_string(term) +
                    " was signed before, on another chain: a higher term is needed");
  }
  BlockBody body;
  if (takeover_->delegation()) body = ObjectBytes{*takeover_->delegation()};
  Block block = next_block(BlockKind::kTerm, std::move(body), now);
  block.term = term;
  return order(block, now);
}

// What the engine's log lost is put back: what is not final and a few before. New blocks wait meanwhile, and nobody
// needs the log for what is final.
void Primary::refill() {
  if (engine_->placing() || (engine_->founds() == refilled_ && refill_next_ == 0)) return;
  if (engine_->founds() != refilled_) {
    refilled_ = engine_->founds();
    const std::uint64_t size = chain_.size();
    const std::uint64_t final_size = std::min(chain_.final_size(), size);
    refill_next_ = std::max<std::uint64_t>(1, final_size - std::min(final_size, kRefill));
    auto newest = lotmark::open<Block>(engine_->newest(), chain_.chain_id());
    if (newest && newest->body.number < size) {
      auto ours = chain_.id_of(newest->body.number);
      if (ours && *ours == newest->id) refill_next_ = newest->body.number + 1;
    }
    if (refill_next_ < size) log::warn("order.refill", {{"from", refill_next_}, {"to", size - 1}});
  }
  if (refill_next_ >= chain_.size()) {
    refill_next_ = 0;
    return;
  }
  auto block = chain_.block(refill_next_++);
  if (block) engine_->place(*std::move(block));
}

// ---- ordering ------------------------------------------------------------------------------------

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
  return place(std::move(sealed.bytes), now);
}

// With an engine the block is appended here once the engine has it as its next entry.
Status Primary::place(Bytes block, Time now) {
  if (engine_) {
    if (!engine_->placing()) engine_->place(block);
    auto placed = engine_->placed();
    if (!placed) return {};
    block = *std::move(placed);
  }
  const std::uint64_t before = chain_.size();
  LM_TRY(chain_.append(block, now));
  if (chain_.size() == before) return {};
  ++ordered_;
  const Block& b = chain_.tip().body;
  if (b.kind == BlockKind::kTerm) ++takeovers_;
  log::info("order.block",
            {{"number", b.number}, {"kind", name(b.kind)}, {"id", short_hex(chain_.tip().id)}});
  return {};
}

Status Primary::finish_reserved(Time now) {
  const std::uint64_t term = chain_.term();
  LM_ASSIGN(auto done, chain_.signed_block(term, chain_.size()));
  if (done) return place(*std::move(done), now);
  LM_ASSIGN(auto payload, chain_.reserved(term, chain_.size()));
  if (!payload) return {};
  LM_ASSIGN(auto block, decode<Block>(*payload));
  return order(block, now);
}

Status Primary::order_pending(Time now) {
  if (!pool_new_ && pool_seen_ == chain_.tip().id) return {};
  LM_ASSIGN(auto list, pool_.waiting(kPoolRun));
  for (const auto& p : list) {
    LM_ASSIGN(auto on_chain, chain_.block_of(p.inner));
    if (on_chain && !chain_.is_final(*on_chain)) continue;  // it may be taken back yet
    if (!on_chain) {
      const Status fits = pool_.fits(p);
      if (!fits && !is_of_the_formats(fits)) return fits;  // kept: what was promised is tried again
      if (fits) {
        LM_TRY(order(next_block(p.kind, ObjectBytes{p.object}, now), now));
        if (engine_ && engine_->placing()) return {};
        continue;
      }
      log::warn("order.dropped", {{"error", fits.error().message()}});
    }
    LM_TRY(pool_.forget(p.n));
  }
  pool_new_ = false;
  pool_seen_ = chain_.tip().id;
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

// What no member submitted: cuts.
Status Primary::order_offered(Time now) {
  for (BlockSource* source : sources_) {
    auto offered = source->due();
    if (!offered) continue;
    const Block block = next_block(offered->first, std::move(offered->second), now);
    if (Status fits = source->fits(block); !fits) {
      log::warn("order.offer_refused",
                {{"kind", name(block.kind)}, {"error", fits.error().message()}});
      continue;
    }
    return order(block, now);
  }
  return {};
}

// One block after another while nothing waits for the engine.
Status Primary::order_due(Time now) {
  if (engine_ && engine_->placing()) {
    LM_TRY(place({}, now));
    if (engine_->placing()) return {};
  }
  const bool waits = chain_.size() > chain_.final_size() + kUnfinalMax;
  if (waits && !waits_for_votes_)
    log::error("order.waits_for_votes", {{"size", chain_.size()}, {"final", chain_.final_size()}});
  waits_for_votes_ = waits;
  if (engine_) refill();
  if (waits) return {};
  for (Status (Primary::*next)(Time) : {&Primary::finish_reserved, &Primary::order_pending,
                                        &Primary::order_period, &Primary::order_offered}) {
    if (engine_ && engine_->placing()) return {};
    LM_TRY((this->*next)(now));
  }
  return {};
}

void Primary::forward(Time now, std::vector<Outgoing>& out) {
  constexpr std::size_t kAtOnce = 16;
  constexpr Millis kPause{2000};
  const KeyId* holder = chain_.holder();
  if (now < forward_due_ || holder == nullptr || *holder == signer_.kid()) return;
  forward_due_ = now + kPause;
  const auto list = pool_.waiting(kPoolRun);
  if (!list) return;
  for (const auto& p : *list) {
    const auto on_chain = chain_.block_of(p.inner);
    if (!on_chain) return;
    if (*on_chain) {
      if (chain_.is_final(**on_chain)) (void)pool_.forget(p.n);
    } else if (out.size() < kAtOnce) {
      const std::string path = "/peer/v1/" + std::string(door_of(p.kind));
      out.push_back({*holder, "POST", path, p.object, [](const Reply&) {}});
    }
  }
}

std::vector<Outgoing> Primary::tick(Time now) {
  std::vector<Outgoing> out;
  watch_progress(now);
  if (engine_) use_engine(now);
  if (!engine_ && !takeover_) {
    auto delegation = pool_.delegation();  // one that a restart interrupted
    if (delegation && *delegation) {
      auto d = lotmark::open<Delegation>(**delegation, chain_.chain_id());
      if (d && d->body.term > std::max(chain_.term(), seen_term_)) {
        take_up(d->body.term, **delegation, now);
      } else if (Status done = pool_.set_delegation({}); !done) {
        log::error("order.failed", {{"error", done.error().message()}});
      }
    } else if (is_holder() && must_reopen(now)) {
      take_up(std::max(turns_.offered(), next_term()), {}, now);
    }
  }
  if (takeover_) go_on_taking_over(now, out);
  if (leads(now)) {
    if (Status done = order_due(now); !done)
      log::error("order.failed", {{"error", done.error().message()}});
  } else {
    if (engine_ && !takeover_) engine_->drop();
    forward(now, out);
  }
  return out;
}

std::vector<std::pair<std::string, double>> Primary::metrics() const {
  const auto waiting = pool_.size();
  return {{"lotmark_blocks_ordered_total", static_cast<double>(ordered_)},
          {"lotmark_submissions_refused_total", static_cast<double>(refused_)},
          {"lotmark_submissions_waiting", waiting ? static_cast<double>(*waiting) : 0},
          {"lotmark_takeovers_total", static_cast<double>(takeovers_)}};
}

}  // namespace lotmark::node
