#include "ledger-node/order/takeover.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/turns.h"

namespace lotmark::node {

namespace {

constexpr Millis kAskAgain{200};
constexpr unsigned kFetchTries = 3;
constexpr std::size_t kFetchedMax = 64u << 20;

}  // namespace

Result<std::shared_ptr<Takeover>> Takeover::begin(chain::PublicChain& chain, const Signer& signer,
                                                  std::uint64_t term,
                                                  std::optional<Bytes> delegation, Time now) {
  LM_ASSIGN(auto standing, chain.standing());
  if (!standing) return fail(Errc::kNotReady, "this node is recovering");
  const bool again = standing->term == term && standing->asker == signer.kid();
  if (!again && (standing->term > term || (standing->term == term && standing->asker))) {
    return fail(Errc::kBlockTerm, "this node is bound to term " + std::to_string(standing->term));
  }
  if (term <= chain.term()) {
    return fail(Errc::kBlockTerm, "term " + std::to_string(chain.term()) + " is open");
  }
  if (!chain::term_in_reach(chain.term(), term))
    return fail(Errc::kBlockTerm, "term " + std::to_string(term) +
                                      " is too far above the open one, " +
                                      std::to_string(chain.term()));
  std::shared_ptr<Takeover> t(new Takeover(chain, signer, term, std::move(delegation), now));
  t->own_turn_ = standing->turn;
  if (!again) {
    LM_ASSIGN(t->own_turn_, give_turn(chain, signer, term, signer.kid()));
  }
  LM_ASSIGN(auto own, lotmark::open<Turn>(t->own_turn_, chain.chain_id()));
  LM_TRY(t->take_vote(own));
  t->own_vote_ = own.body.vote.has_value();
  log::info("order.takeover_begun", {{"term", term}});
  t->choose();
  return t;
}

std::vector<Outgoing> Takeover::tick(Time now) {
  now_ = now;
  std::vector<Outgoing> out;
  if (state_ == State::kHearing) {
    for (const auto& m : chain_.statements().newest().members) {
      if (!m.has(Role::kSupervising) || m.kid == signer_.kid()) continue;
      Line& line = lines_[m.kid];
      if (line.busy || line.heard || now < line.due) continue;
      line.busy = true;
      line.due = now + kAskAgain;
      out.push_back(ask(m.kid));
    }
  }
  if (state_ == State::kFetching && !fetching_) {
    fetching_ = true;
    out.push_back(fetch());
  }
  return out;
}

Outgoing Takeover::ask(const KeyId& to) {
  std::vector<Bytes> list{own_turn_};
  if (delegation_) list.push_back(*delegation_);
  return {to, "POST", "/peer/v1/turns", encode_list(list),
          [weak = weak_from_this(), to](const Reply& reply) {
            if (const auto self = weak.lock()) self->take_turn(to, reply);
          }};
}

void Takeover::take_turn(const KeyId& from, const Reply& reply) {
  Line& line = lines_[from];
  line.busy = false;
  if (state_ != State::kHearing || line.heard) return;
  if (reply.error && reply.error->code == Errc::kBlockTerm) {
    seen_term_ = std::max(seen_term_, term_);
    state_ = State::kPassed;
    return;
  }
  if (!reply.ok()) return;
  const Member* m = chain_.member(from);
  auto turn = lotmark::open<Turn>(reply.body, chain_.chain_id());
  if (!turn || m == nullptr || turn->kid != from || !turn->verified_by(m->public_key)) return;
  chain_.onlooker().turned(*turn);
  if (turn->body.asker != signer_.kid() || turn->body.term != term_) {
    if (!chain::term_in_reach(chain_.term(), turn->body.term)) return;  // no honest member's
    seen_term_ = std::max(seen_term_, turn->body.term);
    if (turn->body.term >= term_) state_ = State::kPassed;
    return;
  }
  if (!take_vote(*turn)) return;
  line.heard = true;
  line.chain_counts = !turn->body.vote;
  choose();
}

Status Takeover::take_vote(const Signed<Turn>& turn) {
  if (!turn.body.vote) return {};
  LM_ASSIGN(auto vote, read_vote(turn.body.vote->bytes, chain_.chain_id(), false));
  if (vote.kid != turn.kid) return Errc::kVoteSigner;
  votes_.push_back({turn.kid, std::move(vote)});
  return {};
}

// Once a quorum was heard: the vote of the highest (term, size), and whether its chain is here. Who lost its disk has
// no vote to show for what it helped to make final, but recovered a chain that has it: that chain counts instead.
void Takeover::choose() {
  std::uint64_t heard = 1;
  for (const auto& m : chain_.statements().newest().members) {  // they change with the chain taken
    const auto line = m.has(Role::kSupervising) ? lines_.find(m.kid) : lines_.end();
    if (line != lines_.end() && line->second.heard) ++heard;
  }
  state_ = State::kHearing;
  if (heard < chain_.statements().newest().quorum) return;
  std::sort(votes_.begin(), votes_.end(), [](const BestVote& a, const BestVote& b) {
    return std::pair(a.vote.claims.term, a.vote.claims.size) <
           std::pair(b.vote.claims.term, b.vote.claims.size);
  });
  while (!votes_.empty() && votes_.back().tries >= kFetchTries) {
    log::error("order.vote_without_chain",
               {{"by", short_hex(votes_.back().kid)}, {"size", votes_.back().vote.claims.size}});
    votes_.pop_back();
  }
  state_ = State::kFetching;
  if (!votes_.empty() && !holds(votes_.back()) && !leads(votes_.back())) {
    source_ = votes_.back().kid;
    return;
  }
  const auto unseen = std::ranges::find_if(
      lines_, [](const auto& l) { return l.second.heard && l.second.chain_counts; });
  if (unseen != lines_.end()) {
    source_ = unseen->first;
    return;
  }
  state_ = State::kReady;
  log::info("order.takeover_heard", {{"term", term_}, {"turns", heard}, {"size", chain_.size()}});
}

// This node has no vote to show either, and its own chain goes beyond the best one.
bool Takeover::leads(const BestVote& best) const {
  const VoteClaims& c = best.vote.claims;
  return !own_vote_ && std::pair(chain_.term(), chain_.size()) >= std::pair(c.term, c.size);
}

// Whether the voter signed the root of our own tree of that size.
bool Takeover::holds(const BestVote& best) const {
  const Member* m = chain_.member(best.kid);
  const std::uint64_t size = best.vote.claims.size;
  if (m == nullptr || size > chain_.size()) return false;
  const auto root = chain_.root_at(size);
  return root && verify_once(m->public_key, best.vote.id(*root), best.vote.signature);
}

// From what is final here on, page by page.
Outgoing Takeover::fetch() {
  if (fetched_.empty()) fetch_from_ = std::max<std::uint64_t>(chain_.final_size(), 1);
  return {source_,
          "GET",
          "/peer/v1/blocks?from=" + std::to_string(fetch_from_ + fetched_.size()),
          {},
          [weak = weak_from_this(), to = source_](const Reply& reply) {
            if (const auto self = weak.lock()) self->take_blocks(to, reply);
          }};
}

void Takeover::take_blocks(const KeyId& from, const Reply& reply) {
  fetching_ = false;
  if (state_ != State::kFetching || source_ != from) return;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (list) {
    for (auto& b : *list) {
      fetched_bytes_ += b.size();
      fetched_.push_back(std::move(b));
    }
    fetched_end_ = list->empty();
    if (fetched_bytes_ < kFetchedMax && !has_all(from)) return;
    lines_[from].chain_counts ? take_chain(from) : take_voted_chain(from);
  } else {
    unhear(from);
  }
  fetched_.clear();
  fetched_bytes_ = 0;
  fetched_end_ = false;
  choose();
}

bool Takeover::has_all(const KeyId& from) const {
  if (fetched_end_) return true;
  const bool voted = !votes_.empty() && votes_.back().kid == from;
  return voted && fetch_from_ + fetched_.size() >= votes_.back().vote.claims.size;
}

void Takeover::take_voted_chain(const KeyId& from) {
  BestVote& best = votes_.back();
  const Status done = chain_.adopt(fetched_, now_, chain::PublicChain::Adopt::kBestVote);
  if (done && holds(best)) return;
  ++best.tries;
  log::warn("order.takeover_fetch_failed",
            {{"from", short_hex(from)},
             {"error", done ? std::string("its chain is not the one it voted for")
                            : done.error().message()}});
}

// Of two chains the one of the higher (term, size) has all that may be final in the other.
void Takeover::take_chain(const KeyId& from) {
  lines_[from].chain_counts = false;
  if (fetched_.empty()) return;
  const auto tip = lotmark::open<Block>(fetched_.back(), chain_.chain_id());
  Status done = tip ? Status() : Status(tip.error());
  if (tip &&
      std::pair(tip->body.term, tip->body.number + 1) > std::pair(chain_.term(), chain_.size())) {
    done = chain_.adopt(fetched_, now_, chain::PublicChain::Adopt::kBestVote);
  }
  if (done) return;
  log::warn("order.takeover_fetch_failed",
            {{"from", short_hex(from)}, {"error", done.error().message()}});
  unhear(from);
}

// Its chain cannot be had: then its turn says too little, and it is asked again.
void Takeover::unhear(const KeyId& from) {
  std::erase_if(votes_, [&](const BestVote& v) { return v.kid == from; });
  lines_[from] = {.busy = lines_[from].busy, .due = now_ + kAskAgain};
}

}  // namespace lotmark::node
