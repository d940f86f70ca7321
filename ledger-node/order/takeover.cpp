#include "ledger-node/order/takeover.h"

#include <algorithm>
#include <charconv>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/turns.h"

namespace lotmark::node {

namespace {

constexpr Millis kAskAgain{200};
constexpr unsigned kFetchTries = 3;
constexpr std::size_t kFetchedMax = 64u << 20;
constexpr Millis kFetchPatience{2000};          // with a page, where the others are a quorum
constexpr std::size_t kPageBlocks = 1000;       // that are the most
constexpr std::size_t kTwoPages = 1024 * 1024;  // two that follow each other hold more

// "term N is reached", as TurnGiver says it.
std::optional<std::uint64_t> reached_term(const Error& error) {
  constexpr std::string_view kBegin = "term ";
  if (!error.text.starts_with(kBegin)) return std::nullopt;
  std::uint64_t term = 0;
  const char* end = error.text.data() + error.text.size();
  const auto [at, ec] = std::from_chars(error.text.data() + kBegin.size(), end, term);
  if (ec != std::errc{} || std::string_view(at, end) != " is reached") return std::nullopt;
  return term;
}

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
  if (!again && !chain::term_may_be_asked(chain, term, now))
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
  if (state_ == State::kHearing || state_ == State::kFetching) {
    for (const auto& m : chain_.statements().newest().members) {
      if (!m.has(Role::kSupervising) || m.kid == signer_.kid()) continue;
      Line& line = lines_[m.kid];
      if (line.busy || line.heard || line.bound || now < line.due) continue;
      line.busy = true;
      line.due = now + kAskAgain;
      out.push_back(ask(m.kid));
    }
  }
  const bool late = state_ == State::kFetching && fetching_ && now > fetch_begun_ + kFetchPatience;
  if (late && count_heard() > chain_.statements().newest().quorum) {
    fetching_ = false;
    unhear(source_);
    end_fetch();
    choose();
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
  if ((state_ != State::kHearing && state_ != State::kFetching) || line.heard) return;
  if (reply.error && reply.error->code == Errc::kBlockTerm)
    return refused(line, reached_term(*reply.error).value_or(term_));
  if (!reply.ok()) return;
  const Member* m = chain_.member(from);
  auto turn = lotmark::open<Turn>(reply.body, chain_.chain_id());
  if (!turn || m == nullptr || turn->kid != from || !turn->verified_by(m->public_key)) return;
  chain_.onlooker().turned(*turn);
  if (turn->body.asker != signer_.kid() || turn->body.term != term_) {
    if (turn->body.term >= term_) refused(line, turn->body.term);
    return;
  }
  if (!take_vote(*turn)) return;
  line.heard = true;
  line.chain_counts = !turn->body.vote;
  if (state_ == State::kHearing) choose();  // else once what is fetched is here
}

// One member's word ends nothing while a quorum may be had without it. What no honest member can be bound to is not
// followed.
void Takeover::refused(Line& line, std::uint64_t bound) {
  const bool may_be = chain::term_may_be_asked(chain_, bound, now_);
  line.bound = may_be ? std::max(bound, term_) : term_;
  if (count_willing() < chain_.statements().newest().quorum) state_ = State::kPassed;
}

std::uint64_t Takeover::count_heard() const {
  std::uint64_t heard = 1;
  for (const auto& m : chain_.statements().newest().members) {  // they change with the chain taken
    const auto line = m.has(Role::kSupervising) ? lines_.find(m.kid) : lines_.end();
    if (line != lines_.end() && line->second.heard) ++heard;
  }
  return heard;
}

std::uint64_t Takeover::count_willing() const {
  std::uint64_t willing = 0;
  for (const auto& m : chain_.statements().newest().members) {
    const auto line = lines_.find(m.kid);
    if (m.has(Role::kSupervising) && (line == lines_.end() || !line->second.bound)) ++willing;
  }
  return willing;
}

std::uint64_t Takeover::seen_term() const {
  std::vector<std::uint64_t> bounds;
  for (const auto& [kid, line] : lines_) {
    const Member* m = chain_.member(kid);
    if (line.bound && m != nullptr && m->has(Role::kSupervising)) bounds.push_back(*line.bound);
  }
  const std::uint64_t quorum = chain_.statements().newest().quorum;
  const std::uint64_t heard = count_heard();
  if (bounds.empty() || heard >= quorum) return 0;
  std::ranges::sort(bounds);
  return bounds[static_cast<std::size_t>(std::min<std::uint64_t>(quorum - heard, bounds.size())) -
                1];
}

Status Takeover::take_vote(const Signed<Turn>& turn) {
  if (!turn.body.vote) return {};
  LM_ASSIGN(auto vote, read_vote(turn.body.vote->bytes, chain_.chain_id(), false));
  if (vote.kid != turn.kid) return Errc::kVoteSigner;
  votes_.insert(votes_.begin(), {turn.kid, std::move(vote)});  // the last may be fetched for now
  return {};
}

// Once a quorum was heard: the vote of the highest (term, size), and whether its chain is here. Who lost its disk has
// no vote to show for what it helped to make final, but recovered a chain that has it: that chain counts instead.
void Takeover::choose() {
  const std::uint64_t heard = count_heard();
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
  fetch_begun_ = now_;
  return {source_,
          "GET",
          "/peer/v1/blocks?from=" + std::to_string(fetch_from_ + fetched_.size()),
          {},
          [weak = weak_from_this(), to = source_, n = ++fetch_](const Reply& reply) {
            const auto self = weak.lock();
            if (self && self->fetch_ == n) self->take_blocks(to, reply);
          }};
}

// Nobody may keep the role from moving by a chain that does not end: a page holds the next blocks, and one that would
// have fitted into the one before is the last.
Status Takeover::take_page(const Reply& reply) {
  if (!reply.ok()) return Errc::kNetwork;
  LM_ASSIGN(auto list, decode_list(reply.body));
  std::size_t bytes = 0;
  for (auto& b : list) {
    LM_ASSIGN(const auto block, lotmark::open<Block>(b, chain_.chain_id()));
    if (block.body.number != fetch_from_ + fetched_.size()) return Errc::kBlockNumber;
    bytes += b.size();
    fetched_.push_back(std::move(b));
  }
  fetched_end_ = list.empty() || (last_page_ > 0 && last_page_ + bytes <= kTwoPages);
  last_page_ = list.size() < kPageBlocks ? bytes : kTwoPages;
  fetched_bytes_ += bytes;
  return {};
}

void Takeover::end_fetch() {
  ++fetch_;
  fetched_.clear();
  fetched_bytes_ = 0;
  last_page_ = 0;
  fetched_end_ = false;
}

void Takeover::take_blocks(const KeyId& from, const Reply& reply) {
  fetching_ = false;
  if (state_ != State::kFetching || source_ != from) return;
  if (take_page(reply)) {
    if (fetched_bytes_ < kFetchedMax && !has_all(from)) return;
    lines_[from].chain_counts ? take_chain(from) : take_voted_chain(from);
  } else {
    unhear(from);
  }
  end_fetch();
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
