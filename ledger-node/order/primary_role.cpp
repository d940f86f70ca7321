// How the role of primary comes to a node and goes (docs/adr/0013, 0021).
#include <utility>

#include "core/base/log.h"
#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/primary.h"

namespace lotmark::node {

namespace {

constexpr Millis kStalled{5000};
constexpr Millis kLeap{60000};     // of a block's time from the one before
constexpr Millis kPatience{4000};  // with members who do not answer, or an engine

}  // namespace

bool Primary::is_holder() const {
  const KeyId* holder = chain_.holder();
  if (holder != nullptr) return *holder == signer_.kid();
  return chain_.term() == 0 && config_.first == signer_.kid();
}

bool Primary::holds_term() const {
  return is_holder() && may_sign() && chain_.may_sign_in(chain_.term());
}

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
  if (const std::pair sizes{chain_.size(), final_size}; sizes != sizes_) {
    sizes_ = sizes;
    moved_ = now;
  }
  if (!holds_term() || final_size == chain_.size() || chain_.size() < 2) return progress_.reset();
  if (!progress_ || progress_->final_size != final_size || progress_->term != chain_.term())
    progress_ = Progress{final_size, chain_.term(), now};
}

bool Primary::leads(Time now) const {
  return !takeover_ && holds_term() && may_use_order(chain_.term(), now);
}

// A block far ahead of time is none for the others, nor for this node once its clock is right, and it could take it back
// in no term of its own. So the first block after a pause waits until another member answers: nobody takes a token that
// is a minute off its clock. One is enough, for they are asked one after another.
bool Primary::shares_clock(Time now) const {
  if (!config_.heard || now <= from_ms(static_cast<std::int64_t>(chain_.tip().body.time)) + kLeap)
    return true;
  const Membership& rules = chain_.statements().newest();
  return rules.quorum == 1 || std::ranges::any_of(rules.members, [&](const Member& m) {
           return m.has(Role::kSupervising) && m.kid != signer_.kid() && config_.heard(m.kid);
         });
}

// With an engine the role goes to who can order.
void Primary::watch_clock(Time now) {
  if (!holds_term() || shares_clock(now)) return alone_since_.reset();
  if (!alone_since_) {
    alone_since_ = now;
    log::warn("order.nobody_answers", {{"last_block", chain_.tip().body.time}});
  }
  if (engine_ && now > *alone_since_ + kPatience) engine_->rest(now + kPatience);
}

std::uint64_t Primary::next_term(Time now) const {
  const std::uint64_t leased = engine_ ? engine_->lease_term() : 0;
  const bool reached = chain::term_may_be_asked(chain_, leased, now);
  std::uint64_t term = std::max({chain_.term(), seen_term_, reached ? leased : 0});
  const auto standing = chain_.standing();
  if (standing && *standing) term = std::max(term, (*standing)->term);
  return std::max(term + 1, turns_.offered());
}

// The role moves by an operator's delegation; a restart may have interrupted one.
void Primary::use_delegation(Time now) {
  auto delegation = pool_.delegation();
  if (delegation && *delegation) {
    auto d = lotmark::open<Delegation>(**delegation, chain_.chain_id());
    if (d && d->body.term > std::max(chain_.term(), seen_term_)) {
      take_up(d->body.term, **delegation, now);
    } else if (Status done = pool_.set_delegation({}); !done) {
      log::error("order.failed", {{"error", done.error().message()}});
    }
  } else if (is_holder() && must_reopen(now)) {
    take_up(next_term(now), {}, now);
  }
}

void Primary::take_up(std::uint64_t term, std::optional<Bytes> delegation, Time now) {
  auto begun = Takeover::begin(chain_, signer_, term, std::move(delegation), now);
  alone_ = false;
  if (begun) {
    takeover_ = *std::move(begun);
    not_begun_told_ = false;
    return;
  }
  if (chain::term_may_be_asked(chain_, term, now)) seen_term_ = std::max(seen_term_, term);
  ++not_begun_;
  if (std::exchange(not_begun_told_, true)) return;
  log::warn("order.takeover_not_begun", {{"term", term}, {"error", begun.error().message()}});
}

// Of its own accord a node that orders locally only opens its own term anew, while that is the newest.
void Primary::go_on_taking_over(Time now, std::vector<Outgoing>& out) {
  for (auto& call : takeover_->tick(now)) out.push_back(std::move(call));
  const std::uint64_t term = takeover_->term();
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
  const bool ready = takeover_->state() == Takeover::State::kReady && shares_clock(now);
  if (ready && (alone_ || may_use_order(term, now))) {
    if (Status done = open_term(now); !done)
      log::error("order.failed", {{"error", done.error().message()}});
    return;
  }
  if (!engine_) return;
  // A quorum gave its turns: nobody else opens this term, with the engine or without. Who lost the log loses the lease
  // too, and the next to have it would pass over this term, lose the log and be passed over in its turn.
  const bool waited = now > takeover_->begun() + kPatience;
  if (ready && (waited || !engine_->connected()) && !engine_->leased_to_other())
    return leave_engine();
  if (!waited) return;
  log::warn("order.takeover_given_up", {{"term", term}});
  seen_term_ = std::max(seen_term_, takeover_->seen_term());
  takeover_.reset();
  engine_->rest(now + kPatience);  // somebody else may reach more members
}

// The term's first block. One that was signed before a crash leaves again, or the term's number is used up.
Status Primary::open_term(Time now) {
  if (waits_for_engine()) return place({}, now);
  if (alone_) leave_engine();
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

}  // namespace lotmark::node
