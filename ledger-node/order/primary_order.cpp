// What the primary does while it holds the term: one block after another, reserved, signed, placed, appended.
#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/order/primary.h"

namespace lotmark::node {

namespace {

// So many blocks may wait for a quorum before no more are made.
constexpr std::uint64_t kUnfinalMax = 512;
constexpr std::size_t kPoolRun = 2048;

}  // namespace

Block Primary::next_block(BlockKind kind, BlockBody body, Time now) const {
  const auto& tip = chain_.tip();
  Block b;
  b.kind = kind;
  b.epoch = chain_.statements().newest().epoch;
  b.term = tip.body.term;
  b.number = chain_.size();
  b.prev = tip.id;
  b.time = std::max(unix_ms(now), tip.body.time);
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
  if (engine_ && !without_engine_) {
    if (!engine_->placing()) engine_->place(block);
    auto placed = engine_->placed();
    if (!placed && engine_->stuck(now)) leave_engine();
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
      if (!fits && !is_of_the_formats(fits.code()))
        return fits;  // kept: what was promised is tried again
      if (fits) {
        LM_TRY(order(next_block(p.kind, ObjectBytes{p.object}, now), now));
        if (waits_for_engine()) return {};
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
  if (unix_ms(now) < last + static_cast<std::uint64_t>(config_.period.count())) return {};
  PeriodBody body = period_.body();
  LM_TRY(period_pool_.fill(body));
  const auto fits = [&] {
    chain::OnceIds once;
    return chain::check_period_body(chain_, body, chain_.statements().newest(), once);
  };
  const Status ok = fits();
  period_.clear();
  if (!ok) {  // a head went stale since it was taken: its sender makes a new one
    log::warn("order.period_without_heads", {{"error", ok.error().message()}});
    const PeriodBody bare = period_.body();
    body.heads = bare.heads;
    body.missing = bare.missing;
    if (!fits()) body = bare;  // what waits is tried again with the next one
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

// While a statement is awaited nothing else is ordered than what was promised before.
Status Primary::order_statement(Time now) {
  LM_ASSIGN(auto reserved, chain_.reserved(chain_.term(), chain_.size()));
  LM_ASSIGN(auto waiting, pool_.waiting(kPoolRun));
  bool ordered = true;
  for (const auto& p : waiting) {
    LM_ASSIGN(auto on_chain, chain_.block_of(p.inner));
    ordered = ordered && on_chain;
  }
  desk_->stands_still(!reserved && ordered &&
                      (chain_.size() == 1 || chain_.final_size() == chain_.size()));
  auto object = desk_->next(now);
  if (!object) return {};
  Block block = next_block(BlockKind::kMembership, ObjectBytes{*std::move(object)}, now);
  ++block.epoch;
  return order(block, now);
}

// One block after another while nothing waits for the engine.
Status Primary::order_due(Time now) {
  if (waits_for_engine()) {
    LM_TRY(place({}, now));
    if (waits_for_engine()) return {};
  }
  const bool waits = chain_.size() > chain_.final_size() + kUnfinalMax;
  if (waits && !waits_for_votes_)
    log::error("order.waits_for_votes", {{"size", chain_.size()}, {"final", chain_.final_size()}});
  waits_for_votes_ = waits;
  if (without_engine_) return_to_engine(now);
  else if (engine_) refill();
  if (waits) return {};
  using Step = Status (Primary::*)(Time);
  const bool held = desk_ != nullptr && desk_->holds(now);
  const auto steps = held ? std::vector<Step>{&Primary::finish_reserved, &Primary::order_pending,
                                              &Primary::order_statement}
                          : std::vector<Step>{&Primary::finish_reserved, &Primary::order_pending,
                                              &Primary::order_period, &Primary::order_offered};
  for (Step next : steps) {
    if (waits_for_engine()) return {};
    LM_TRY((this->*next)(now));
  }
  return {};
}

}  // namespace lotmark::node
