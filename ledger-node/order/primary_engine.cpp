// The primary with an ordering engine, and without it while that takes nothing (docs/adr/0021).
#include "core/base/log.h"
#include "ledger-node/order/primary.h"

namespace lotmark::node {

namespace {

constexpr std::uint64_t kRefill = 16;  // final blocks that are put back into an emptied log
// An engine's own election is mostly over by then; and with all that follows this leaves much of 20 s.
constexpr Millis kWithout{9000};
constexpr Millis kRankStep{1500};  // members try one after another
constexpr Millis kPause{6000};     // between two attempts of one node
constexpr std::uint64_t kNever = ~std::uint64_t{0};

}  // namespace

// The lease follows what this node can do: it keeps its own term while it may sign in it, or takes the next.
void Primary::use_engine(Time now) {
  engine_->pump(now, [&](ByteView block) {
    const Status taken = chain_.append(block, now);
    if (!taken && taken.code() != Errc::kBlockNumber && taken.code() != Errc::kBlockFork) {
      log::debug("order.entry_passed_over", {{"error", taken.error().message()}});
    }
  });
  if (!may_sign()) return;  // recovering
  if (const auto standing = chain_.standing(); !standing || !*standing) return;
  const bool good = holds_term() && !must_reopen(now);
  const std::uint64_t wanted = takeover_ ? takeover_->term()
                               : good    ? chain_.term()
                                         : next_term(now);
  engine_->keep_lease(wanted, now);
  const std::uint64_t leased = engine_->lease_term();
  const bool unused = leased > std::max(chain_.term(), seen_term_);
  if (!takeover_ && unused && engine_->held(leased, now)) take_up(leased, {}, now);
  look_at_engine(good, now);
}

bool Primary::may_use_order(std::uint64_t term, Time now) const {
  return !engine_ || without_engine_ || (engine_->readable() && engine_->held(term, now));
}

// Who holds the term goes on in it. Of the others one asks for turns, though it has no lease.
void Primary::look_at_engine(bool good, Time now) {
  if (without_engine_ && !takeover_ && !holds_term()) without_engine_ = false;
  if (takeover_) return;
  if (good && engine_->stuck(now)) return leave_engine();
  const Millis over = engine_->silence(now) - kWithout;
  if (over < Millis{0}) return;
  if (good) return leave_engine();
  // The others hear this node, if the term is its own, and wait for it.
  const Millis turn = is_holder() ? Millis{0} : rank_ * kRankStep;
  if (over < turn || now < alone_due_ || primary_is_there(now)) return;
  alone_due_ = now + kPause + turn;
  log::warn("order.takeover_alone", {{"silent_ms", engine_->silence(now).count()}});
  take_up(next_term(now), {}, now);
  alone_ = takeover_ != nullptr;
}

// It answers calls, and nothing waits for it: it orders without the engine, as this node would.
bool Primary::primary_is_there(Time now) const {
  const KeyId* holder = chain_.holder();
  if (holder == nullptr || *holder == signer_.kid() || !config_.heard) return false;
  return config_.heard(*holder) &&
         (chain_.final_size() >= chain_.size() || now < moved_ + kWithout);
}

// What was on its way there was signed and is kept: the same bytes are appended instead.
void Primary::leave_engine() {
  if (without_engine_) return;
  log::warn("order.without_engine", {{"size", chain_.size()}});
  without_engine_ = true;
  refilled_ = kNever;
  engine_->drop();
}

// Blocks go through the engine again as soon as it took one. That its log lacks none says nothing.
void Primary::return_to_engine(Time now) {
  if (!engine_->readable() || !engine_->held(chain_.term(), now)) return;
  if (engine_->placed()) {
    without_engine_ = false;
    log::info("order.with_engine", {{"size", chain_.size()}});
    return;
  }
  if (refill_next_ == 0) refilled_ = kNever;
  refill();
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
      if (ours && *ours == newest->id)
        refill_next_ = std::max(refill_next_, newest->body.number + 1);
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

}  // namespace lotmark::node
