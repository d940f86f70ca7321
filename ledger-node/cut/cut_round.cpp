#include "ledger-node/cut/cut_round.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/cut_content.h"

namespace lotmark::node {

namespace {
constexpr Millis kAskAgain{1000};
}

std::shared_ptr<CutRound> CutRound::begin(const chain::PublicChain& chain, const KeyId& self,
                                          const CutClaim& claim, Bytes own, Time now) {
  std::shared_ptr<CutRound> round(new CutRound(chain, self, claim, now));
  round->flags_[self] = std::move(own);
  return round;
}

std::vector<Outgoing> CutRound::tick(Time now) {
  now_ = now;
  std::vector<Outgoing> out;
  if (body()) return out;
  for (const auto& m : chain_.statements().newest().members) {
    if (!m.has(Role::kSupervising) || flags_.contains(m.kid)) continue;
    Line& line = lines_[m.kid];
    if (line.busy || now < line.due) continue;
    line.busy = true;
    out.push_back({m.kid, "POST", "/peer/v1/flags", encode(claim_),
                   [weak = weak_from_this(), to = m.kid](const Reply& reply) {
                     if (const auto round = weak.lock()) round->take(to, reply);
                   }});
  }
  return out;
}

void CutRound::take(const KeyId& from, const Reply& reply) {
  Line& line = lines_[from];
  line.busy = false;
  line.due = now_ + kAskAgain;
  if (!reply.ok()) {
    refusal_ = short_hex(from) + ": " +
               (reply.error ? reply.error->message() : "status " + std::to_string(reply.status));
    return;
  }
  const Member* m = chain_.member(from);
  const auto flag = lotmark::open<Promise>(reply.body, chain_.chain_id());
  const bool good = flag && m != nullptr && flag->kid == from && flag->verified_by(m->public_key) &&
                    flag->body.object == chain::flag_object(claim_) &&
                    flag->body.deadline == kFlagDeadline;
  if (good) flags_[from] = flag->bytes;
  else refusal_ = short_hex(from) + ": what it answered is no flag for this cut";
}

std::optional<CutBody> CutRound::body() const {
  const Membership& judge = chain_.statements().newest();
  CutBody body{claim_.first, claim_.last, claim_.archive, claim_.snapshot, {}};
  for (const auto& [kid, flag] : flags_) {
    const Member* m = judge.find(kid);
    if (m != nullptr && m->has(Role::kSupervising)) body.flags.push_back({flag});
  }
  if (body.flags.size() < judge.quorum) return std::nullopt;
  return body;
}

}  // namespace lotmark::node
