#include "ledger-node/vote/voter.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::node {

namespace {
constexpr std::uint64_t kRepeatSeconds = 60;
}

Voter::Voter(chain::PublicChain& chain, const Signer& signer, std::function<bool()> may_sign)
    : chain_(chain), signer_(signer), may_sign_(std::move(may_sign)) {}

std::optional<Reply> Voter::peer(const Route& route, const Call& call, const Member& from,
                                 Time now) {
  if (call.method != "POST" || route.parts[2] != "votes") return std::nullopt;
  auto votes = decode_list(call.body, 64);
  if (!votes) return reply_error(votes.error());
  for (const auto& v : *votes) {
    Status done = chain_.add_vote(v, now);
    chain_.onlooker().voted(v, from.kid, done);
    if (!done)
      return reply_error(done.code() == Errc::kNeedSeq ? fail(Errc::kNotReady, done.error().text)
                                                       : done.error());
  }
  return reply_cbor(encode_list({}));
}

bool Voter::due(Time now) const {
  if (chain_.size() < 2) return false;
  if (!last_) return true;
  const VoteClaims& c = last_->claims;
  const auto seconds = static_cast<std::uint64_t>(to_ms(now)) / 1000;
  return c.size != chain_.size() || c.term != chain_.term() ||
         seconds >= c.seconds + kRepeatSeconds;
}

Status Voter::load() {
  LM_ASSIGN(auto own, chain_.own_vote());
  if (own) {
    LM_ASSIGN(auto vote, read_vote(*own, chain_.chain_id(), false));
    last_ = std::move(vote);
  }
  loaded_ = true;
  return {};
}

// Within a term only what extends the last vote's tree; in a higher one whatever is here, since nothing final is ever
// taken back. Between two looks the tree only grew, unless blocks were taken back.
bool Voter::extends_last() {
  if (!last_ || chain_.term() > last_->claims.term) return true;
  const std::uint64_t size = last_->claims.size;
  if (chain_.term() < last_->claims.term || size > chain_.size()) return false;
  if (extends_as_of_ != chain_.taken_back()) {
    const auto root = chain_.root_at(size);
    if (!root || !verify_once(signer_.public_key(), last_->id(*root), last_->signature))
      return false;
    extends_as_of_ = chain_.taken_back();
  }
  return true;
}

// Who signed two blocks for one number decides which of them this node would be voting for.
void Voter::look_at_holder() {
  const KeyId* holder = chain_.holder();
  auto file =
      holder != nullptr ? chain_.onlooker().block_forker(*holder) : std::optional<std::string>();
  if (file && file != withheld_)
    log::error("vote.withheld",
               {{"culprit", to_hex(*holder)}, {"term", chain_.term()}, {"file", *file}});
  withheld_ = std::move(file);
}

Result<std::optional<Bytes>> Voter::cast(Time now) {
  if (!loaded_) LM_TRY(load());
  if (!due(now)) return std::optional<Bytes>();
  const Membership* judge = chain_.statements().of_size(chain_.size());
  const Member* self = judge != nullptr ? judge->find(signer_.kid()) : nullptr;
  if (self == nullptr || !self->has(Role::kSupervising)) return std::optional<Bytes>();
  const Block& tip = chain_.tip().body;
  if (!chain_.may_sign_in(tip.term) || !extends_last()) {
    held_back_ = true;
    return std::optional<Bytes>();
  }
  held_back_ = false;
  if (withheld_) return std::optional<Bytes>();
  VoteClaims c{static_cast<std::uint64_t>(to_ms(now)) / 1000, chain_.size(), judge->epoch,
               tip.term};
  c.seconds = std::max({c.seconds, tip.time / 1000, last_ ? last_->claims.seconds : 0});
  LM_ASSIGN(auto bytes, make_vote(c, chain_.root(), signer_, chain_.chain_id()));
  LM_TRY(chain_.store_own_vote(bytes));
  LM_ASSIGN(auto vote, read_vote(bytes, chain_.chain_id(), false));
  last_ = std::move(vote);
  extends_as_of_ = chain_.taken_back();
  LM_TRY(chain_.add_vote(bytes));
  ++cast_;
  return std::optional(std::move(bytes));
}

std::vector<Outgoing> Voter::tick(Time now) {
  look_at_holder();
  if (may_sign_() && (!loaded_ || due(now))) {
    auto vote = cast(now);
    if (!vote) {
      ++not_cast_;
      if (!std::exchange(not_cast_told_, true))
        log::error("vote.not_cast", {{"error", vote.error().message()}});
      return {};
    }
    not_cast_told_ = false;
    if (*vote) {
      for (const auto& m : chain_.statements().newest().members) {
        if (!m.has(Role::kSupervising) || m.kid == signer_.kid()) continue;
        Line& line = lines_[m.kid];
        line.unsent = **vote;
        line.backoff.succeeded();
        line.pause.reset();
        line.not_before = {};
      }
    }
  }
  std::vector<Outgoing> out;
  for (auto& [kid, line] : lines_) {
    if (line.pause) line.not_before = now + *std::exchange(line.pause, std::nullopt);
    if (line.unsent.empty() || line.sending || now < line.not_before) continue;
    line.sending = true;
    const Bytes& vote = line.unsent;
    out.push_back({kid, "POST", "/peer/v1/votes", encode_list({vote}),
                   [this, kid = kid, vote](const Reply& r) { answered(kid, vote, r); }});
  }
  return out;
}

// A status of 4xx is about the vote, which does not change; but for 401, which is about the call.
void Voter::answered(const KeyId& kid, const Bytes& vote, const Reply& reply) {
  Line& line = lines_[kid];
  line.sending = false;
  if (line.unsent != vote) return;  // a newer one waits
  const bool for_good = reply.status >= 400 && reply.status < 500 && reply.status != 401;
  if (for_good) {
    const std::string why =
        reply.error ? reply.error->message() : "status " + std::to_string(reply.status);
    log::warn("vote.refused", {{"peer", short_hex(kid)}, {"error", why}});
  }
  if (reply.ok() || for_good) line.unsent.clear();
  else line.pause = line.backoff.failed();
}

std::vector<std::pair<std::string, double>> Voter::metrics() const {
  return {{"lotmark_votes_cast_total", static_cast<double>(cast_)},
          {"lotmark_votes_not_cast_total", static_cast<double>(not_cast_)},
          {"lotmark_vote_held_back", held_back_ ? 1 : 0},
          {"lotmark_vote_withheld", withheld_ ? 1 : 0}};
}

}  // namespace lotmark::node
