// A supervisory node's turns: who asks to become primary of a term is given this node's turn for it, once, stored
// before it leaves. After it the node signs in no lower term (docs/format/public.md, turn).
#pragma once

#include <functional>

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class TurnGiver final : public Engine {
 public:
  // `delegated`: with ordering by delegation an asker shows one, unless it holds the present term already. None is given
  // while `may_sign` says no.
  TurnGiver(
      chain::PublicChain& chain, const Signer& signer, bool delegated,
      std::function<bool()> may_sign = [] { return true; })
      : chain_(chain), signer_(signer), delegated_(delegated), may_sign_(std::move(may_sign)) {}

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::vector<Outgoing> tick(Time /*now*/) override { return {}; }
  std::vector<std::pair<std::string, double>> metrics() const override;

  // The highest term in which a member offered its turn to this node, unasked: one that lost its memory, and
  // signs again only there.
  std::uint64_t offered() const { return offered_; }

 private:
  Result<Bytes> answer(const Call& call, const Member& from, Time now);
  Status may_ask(const Turn& asked, const std::vector<Bytes>& list, const Member& from) const;

  chain::PublicChain& chain_;
  const Signer& signer_;
  bool delegated_;
  std::function<bool()> may_sign_;
  std::uint64_t offered_ = 0;
  std::uint64_t given_ = 0;
};

// Makes, signs and stores this node's turn in `term` for `asker`, with its newest vote.
Result<Bytes> give_turn(chain::PublicChain& chain, const Signer& signer, std::uint64_t term,
                        const KeyId& asker);

}  // namespace lotmark::node
