#include "ledger-node/replicate/recovery.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/proof/proposal.h"
#include "ledger-node/chain/public/term_reach.h"
#include "ledger-node/order/turns.h"
#include "ledger-node/replicate/replica.h"

namespace lotmark::node {

namespace {

constexpr Millis kLineAgain{300};
constexpr Millis kOffer{1000};
constexpr Millis kCutLinePause{2000};  // what is lacking was cut there: it comes otherwise
constexpr unsigned kSteps = 4;
// It may have asked for turns in terms that none of those heard knows of, one above another: a second turn in one of
// them, though harmless, would be evidence against it.
constexpr std::uint64_t kAbove = 8;

}  // namespace

Result<std::unique_ptr<Recovery>> Recovery::open(chain::PublicChain& chain, const Signer& signer) {
  std::unique_ptr<Recovery> r(new Recovery(chain, signer));
  LM_ASSIGN(auto standing, chain.standing());
  LM_ASSIGN(auto vote, chain.own_vote());
  LM_ASSIGN(r->starting_, chain.starting());
  if (!standing && vote) {
    // A vote without a sum is of a program that gave no turns. Any other had a standing beside it, which is lost.
    LM_ASSIGN(auto old, chain.database().prepare("SELECT 1 FROM own_vote WHERE sum IS NULL"));
    LM_ASSIGN(const bool no_turns, old.step());
    old.reset();
    if (no_turns) {
      standing.emplace();
      standing->term = chain.term();
      LM_TRY(chain.store_standing(*standing));
    }
    r->starting_ = false;
  }
  r->looking_ = standing.has_value();
  if (!standing) log::warn("recovery.begun", {{"size", chain.size()}});
  if (r->looking_ && r->looked_enough()) LM_TRY(r->end_look());
  return r;
}

void Recovery::begin_again() {
  done_ = false;
  looking_ = false;
  starting_ = false;
  lines_.clear();
  log::warn("recovery.begun", {{"size", chain_.size()}});
}

std::optional<Reply> Recovery::peer(const Route& route, const Call& call, const Member& /*from*/,
                                    Time /*now*/) {
  if (call.method != "GET" || route.parts[2] != "turns") return std::nullopt;
  auto standing = chain_.standing();
  if (!standing) return reply_error(standing.error());
  if (!*standing && !starting_)
    return reply_error(fail(Errc::kNotReady, "this node is recovering"));
  std::vector<Bytes> list;
  if (*standing && (*standing)->asker) list.push_back((*standing)->turn);
  return reply_cbor(encode_list(list));
}

// Those by which what this node forgot may have been made final: of the statement in force where the chain is final, of
// each above it, and of one that somebody signed, who need not know whether it was ordered.
std::vector<const Membership*> Recovery::rules() const {
  std::vector<const Membership*> out;
  const Membership* in_force =
      chain_.statements().of_size(std::max<std::uint64_t>(chain_.final_size(), 1));
  for (const auto& held : chain_.statements().held()) {
    if (in_force == nullptr || held.body.epoch >= in_force->epoch) out.push_back(&held.body);
  }
  for (const auto& [kid, line] : lines_) {
    if (line.next) out.push_back(&*line.next);
  }
  return out;
}

const Member* Recovery::member(const KeyId& kid) const {
  for (const auto* m : rules()) {
    const Member* found = m->find(kid);
    if (found != nullptr && found->has(Role::kSupervising)) return found;
  }
  return nullptr;
}

// By each of those rules n - quorum + 1 others, or all of them; of those who know what they promised alone, or of all.
bool Recovery::heard_enough(bool who_know) const {
  return std::ranges::all_of(rules(), [&](const Membership* m) {
    const Member* self = m->find(signer_.kid());
    if (self == nullptr || !self->has(Role::kSupervising)) return true;
    std::uint64_t n = 0;
    std::uint64_t heard = 0;
    for (const auto& x : m->members) {
      if (!x.has(Role::kSupervising)) continue;
      ++n;
      const auto line = lines_.find(x.kid);
      if (line == lines_.end() || line->second.step < kSteps) continue;
      heard += !who_know || line->second.knows ? 1 : 0;
    }
    return heard >= std::min(n - 1, n + 1 - m->quorum);
  });
}

// Without these nothing that it signs becomes final, and who was down with it comes back as well.
bool Recovery::looked_enough() const {
  return std::ranges::all_of(rules(), [&](const Membership* m) {
    const auto heard = std::ranges::count_if(m->members, [&](const Member& x) {
      const auto line = lines_.find(x.kid);
      return x.has(Role::kSupervising) && line != lines_.end() && line->second.step == kSteps;
    });
    const Member* self = m->find(signer_.kid());
    if (self == nullptr || !self->has(Role::kSupervising)) return true;
    return static_cast<std::uint64_t>(heard) + 1 >= m->quorum;
  });
}

// In a term that has passed nobody signs any more, so that what was forgotten of it is of no use.
Result<std::string> Recovery::forgotten() const {
  const Block& tip = chain_.tip().body;
  LM_ASSIGN(auto standing, chain_.standing());
  if (!standing || tip.number == 0 || tip.term < standing->term) return std::string();
  if (const KeyId* holder = chain_.holder(); holder != nullptr && *holder == signer_.kid()) {
    LM_ASSIGN(auto reserved, chain_.reserved(tip.term, tip.number));
    if (!reserved) return "block " + std::to_string(tip.number);
  }
  LM_ASSIGN(auto known, chain_.votes_of(signer_.kid(), tip.term));
  if (known.empty()) return std::string();
  LM_ASSIGN(auto own, chain_.own_vote());
  std::pair<std::uint64_t, std::uint64_t> last;
  if (own) {
    LM_ASSIGN(auto vote, read_vote(*own, chain_.chain_id(), false));
    last = {vote.claims.term, vote.claims.size};
  }
  const std::uint64_t newest = known.front().vote.claims.size;
  if (std::pair(tip.term, newest) <= last) return std::string();
  return "a vote on " + std::to_string(newest) + " blocks";
}

Status Recovery::end_look() {
  LM_ASSIGN(const auto what, forgotten());
  if (!what.empty()) return forget(what);
  LM_ASSIGN(auto standing, chain_.standing());
  std::uint64_t bound = 0;
  for (const auto& [kid, line] : lines_) {
    if (chain::term_in_reach(chain_.term(), line.bound)) bound = std::max(bound, line.bound);
  }
  if (standing && bound > std::max(standing->term, chain_.term()))
    LM_TRY(chain_.store_standing({bound, {}, {}}));
  looking_ = false;
  done_ = true;
  return {};
}

Status Recovery::forget(const std::string& what) {
  LM_ASSIGN(auto standing, chain_.standing());
  LM_TRY(chain_.database().transaction([&]() -> Status {
    for (const char* table : {"standing", "own_vote", "starting"})
      LM_TRY(chain_.database().exec(std::string("DELETE FROM ") + table));
    return {};
  }));
  floor_ = std::max(floor_, standing ? standing->term : 0);
  log::error("recovery.old_disk", {{"forgotten", what}, {"term", chain_.term()}});
  begin_again();
  return {};
}

std::vector<Outgoing> Recovery::tick(Time now) {
  now_ = now;
  if (done_) return offer(now);
  std::vector<Outgoing> out;
  std::set<KeyId> others;
  for (const auto* rules : rules()) {
    for (const auto& m : rules->members) {
      if (m.has(Role::kSupervising) && m.kid != signer_.kid()) others.insert(m.kid);
    }
  }
  for (const auto& kid : others) {
    if (auto call = next(kid, lines_[kid])) out.push_back(std::move(*call));
  }
  if (looking_ ? !looked_enough() : !heard_enough(false)) return out;
  if (Status done = looking_ ? end_look() : conclude(); !done)
    log::error("recovery.failed", {{"error", done.error().message()}});
  return out;
}

std::optional<Outgoing> Recovery::next(const KeyId& to, Line& line) {
  const bool waits =
      now_ < line.due && line.due <= now_ + kCutLinePause;  // not by a clock that was ahead
  if (line.busy || line.step == kSteps || waits) return std::nullopt;
  line.busy = true;
  line.due = now_ + kLineAgain;
  std::string path = "/peer/v1/turns";
  if (line.step == 1) path = blocks_path(chain_);
  if (line.step == 2) path = "/peer/v1/votes?from=" + std::to_string(chain_.final_size());
  if (line.step == 3) path = "/peer/v1/statements";
  return Outgoing{to, "GET", std::move(path), {}, [this, to](const Reply& reply) {
                    Line& l = lines_[to];
                    l.busy = false;
                    if (done_) return;
                    const unsigned step = l.step;
                    Status done = take(to, l, reply);
                    if (l.step != step) l.due = {};
                    if (done.code() == Errc::kBodyCut) l.due = now_ + kCutLinePause;
                    if (!done) {
                      log::debug("recovery.not_heard",
                                 {{"member", short_hex(to)}, {"error", done.error().message()}});
                    }
                  }};
}

Status Recovery::take(const KeyId& from, Line& line, const Reply& reply) {
  if (line.step == 0) return take_turns(from, line, reply);
  if (line.step == 1) return take_blocks(line, reply);
  return line.step == 2 ? take_votes(line, reply) : take_statement(line, reply);
}

// A member that is recovering too says not-ready, which counts only where all of them do.
Status Recovery::take_turns(const KeyId& from, Line& line, const Reply& reply) {
  line.knows = !(reply.error && reply.error->code == Errc::kNotReady);
  if (!line.knows) {
    line.step = 1;
    return {};
  }
  if (!reply.ok()) return reply.error ? Status(*reply.error) : Status(Errc::kNetwork);
  LM_ASSIGN(auto list, decode_list(reply.body, 1));
  line.step = 1;
  if (list.empty()) return {};
  const Member* m = member(from);
  LM_ASSIGN(auto turn, lotmark::open<Turn>(list.front(), chain_.chain_id()));
  if (m == nullptr || turn.kid != from || !turn.verified_by(m->public_key))
    return Errc::kCoseSignature;
  chain_.onlooker().turned(turn);
  line.bound = turn.body.term;
  return {};
}

Status Recovery::take_blocks(Line& line, const Reply& reply) {
  if (!reply.ok()) return reply.error ? Status(*reply.error) : Status(Errc::kNetwork);
  LM_ASSIGN(auto list, decode_list(reply.body));
  const std::uint64_t size = chain_.size();
  const std::uint64_t back = chain_.taken_back();
  if (!list.empty()) {
    const Status done = chain_.adopt(list, now_);
    if (!done && done.code() != Errc::kBlockFork) return done;
  }
  line.due = {};
  if (chain_.size() == size && chain_.taken_back() == back) line.step = 2;
  return {};
}

Status Recovery::take_votes(Line& line, const Reply& reply) {
  if (!reply.ok()) return reply.error ? Status(*reply.error) : Status(Errc::kNetwork);
  LM_ASSIGN(auto list, decode_list(reply.body));
  for (const auto& bytes : list) {
    (void)chain_.add_vote(bytes, now_);  // those on trees that are not here do not matter
    auto vote = read_vote(bytes, chain_.chain_id(), false);
    if (vote) line.bound = std::max(line.bound, vote->claims.term);
  }
  line.step = looking_ ? kSteps : 3;
  return {};
}

// One of an epoch that is on the chain here already, or of another root key's, says nothing.
Status Recovery::take_statement(Line& line, const Reply& reply) {
  if (!reply.ok()) return reply.error ? Status(*reply.error) : Status(Errc::kNetwork);
  LM_ASSIGN(auto list, decode_list(reply.body, 1));
  line.next.reset();
  if (!list.empty()) {
    auto read = proof::read_partly_signed(list.front(), chain_.statements());
    if (read && read->by_root) line.next = std::move(read->body);
  }
  line.step = kSteps;
  return {};
}

// Nobody has anything: then nothing can have been promised, once everybody was heard.
Status Recovery::conclude() {
  std::uint64_t bound = std::max(chain_.term(), floor_);
  for (const auto& [kid, line] : lines_) {
    // What is out of reach no honest member was asked for, nor was this node.
    const bool reached = chain::term_may_be_asked(chain_, line.bound, now_);
    if (line.step == kSteps && reached) bound = std::max(bound, line.bound);
  }
  const bool enough = heard_enough(true);
  if (starting_ && enough) return finish(0);
  if (!starting_ && enough && (chain_.size() > 1 || bound > 0))
    return finish(std::min(bound + kAbove, chain_.term() + chain::kTermLeap));
  if (!starting_ && chain_.size() == 1 && bound == 0) {
    LM_TRY(chain_.store_starting());
    starting_ = true;
  }
  for (auto& [kid, line] : lines_) {
    if (line.step == kSteps && !line.knows) line = {.due = now_ + kLineAgain};  // ask again
  }
  return {};
}

Status Recovery::finish(std::uint64_t term) {
  LM_TRY(chain_.store_standing({term, {}, {}}));
  done_ = true;
  log::info("recovery.done", {{"size", chain_.size()}, {"signs_from_term", term}});
  return {};
}

// The primary opens the next term when it sees that this node may sign again only there.
std::vector<Outgoing> Recovery::offer(Time now) {
  if (now < offer_due_ && offer_due_ <= now + kOffer) return {};
  const auto standing = chain_.standing();
  const KeyId* holder = chain_.holder();
  if (!standing || !*standing || (*standing)->term <= chain_.term()) return {};
  if (holder == nullptr || *holder == signer_.kid()) return {};
  if ((*standing)->asker && (*standing)->asker != *holder) return {};
  offer_due_ = now + kOffer;
  Bytes turn = (*standing)->turn;
  if (!(*standing)->asker) {
    auto given = give_turn(chain_, signer_, (*standing)->term, *holder);
    if (!given) return {};
    turn = *std::move(given);
  }
  std::vector<Outgoing> out;
  out.push_back({*holder, "POST", "/peer/v1/turns", encode_list({turn}), [](const Reply&) {}});
  return out;
}

std::vector<std::pair<std::string, double>> Recovery::metrics() const {
  return {{"lotmark_recovering", done_ ? 0 : 1}};
}

}  // namespace lotmark::node
