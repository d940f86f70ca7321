#include "ledger-node/vote/voter.h"

#include "core/base/log.h"

namespace lotmark::node {

namespace {
constexpr std::uint64_t kRepeatSeconds = 60;
}

Voter::Voter(chain::PublicChain& chain, const Signer& signer) : chain_(chain), signer_(signer) {}

std::optional<Reply> Voter::peer(const Route& route, const Call& call, const Member& /*from*/,
                                 Time /*now*/) {
  if (call.method != "POST" || route.parts[2] != "votes") return std::nullopt;
  auto votes = decode_list(call.body, 64);
  if (!votes) return reply_error(votes.error());
  for (const auto& v : *votes) {
    Status done = chain_.add_vote(v);
    if (!done)
      return reply_error(done.code() == Errc::kNeedSeq ? fail(Errc::kNotReady, done.error().text)
                                                       : done.error());
  }
  return reply_cbor(encode_list({}));
}

bool Voter::due(Time now) const {
  if (chain_.size() < 2) return false;
  if (!last_) return true;
  const auto seconds = static_cast<std::uint64_t>(to_ms(now)) / 1000;
  return last_->claims.size < chain_.size() || seconds >= last_->claims.seconds + kRepeatSeconds;
}

Result<std::optional<Bytes>> Voter::cast(Time now) {
  if (!loaded_) {
    LM_ASSIGN(auto own, chain_.own_vote());
    if (own) {
      LM_ASSIGN(auto vote, read_vote(*own, chain_.chain_id(), false));
      last_ = std::move(vote);
    }
    loaded_ = true;
    if (!due(now)) return std::optional<Bytes>();
  }
  const Membership* judge = chain_.statements().of_size(chain_.size());
  const Member* self = judge != nullptr ? judge->find(signer_.kid()) : nullptr;
  if (self == nullptr || !self->has(Role::kSupervising)) return std::optional<Bytes>();
  const Block& tip = chain_.tip().body;
  VoteClaims c{static_cast<std::uint64_t>(to_ms(now)) / 1000, chain_.size(), judge->epoch,
               tip.term};
  c.seconds = std::max(c.seconds, tip.time / 1000);
  if (last_) {
    // Our tree only grows and is kept before it is voted on, so a larger one extends the last vote's.
    if (c.size < last_->claims.size || c.term < last_->claims.term) {
      return fail(Errc::kVoteInconsistent, "the chain here is shorter than this node's last vote");
    }
    c.seconds = std::max(c.seconds, last_->claims.seconds);
  }
  const Digest root = chain_.tree().root();
  LM_ASSIGN(auto bytes, make_vote(c, root, signer_, chain_.chain_id()));
  LM_TRY(chain_.store_own_vote(bytes));
  LM_ASSIGN(auto vote, read_vote(bytes, chain_.chain_id(), false));
  last_ = std::move(vote);
  LM_TRY(chain_.add_vote(bytes));
  ++cast_;
  return std::optional(std::move(bytes));
}

std::vector<Outgoing> Voter::tick(Time now) {
  if (!loaded_ || due(now)) {
    auto vote = cast(now);
    if (!vote) {
      log::error("vote.not_cast", {{"error", vote.error().message()}});
      return {};
    }
    if (*vote) {
      for (const auto& m : chain_.statements().newest().members) {
        if (m.has(Role::kSupervising) && m.kid != signer_.kid()) unsent_[m.kid] = **vote;
      }
    }
  }
  std::vector<Outgoing> out;
  for (auto& [kid, vote] : unsent_) {
    if (vote.empty() || sending_[kid]) continue;
    sending_[kid] = true;
    out.push_back(
        {kid, "POST", "/peer/v1/votes", encode_list({vote}), [this, kid, vote](const Reply& r) {
           sending_[kid] = false;
           if (r.ok() && unsent_[kid] == vote) unsent_[kid].clear();
         }});
  }
  return out;
}

std::vector<std::pair<std::string, double>> Voter::metrics() const {
  return {{"lotmark_votes_cast_total", static_cast<double>(cast_)}};
}

}  // namespace lotmark::node
