// Every node's copy of the public chain: it serves blocks and votes, and pulls those it lacks from the
// supervisory nodes: from the primary while it answers, from the others in turn while it does not. What comes is
// checked before it is kept.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Replica final : public Engine {
 public:
  // `sources`: members to pull from, the primary first; never this node itself. `chain` must outlive it.
  Replica(chain::PublicChain& chain, std::vector<KeyId> sources, Millis poll);

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  void on_blocks(const Reply& reply);
  void on_votes(const Reply& reply);
  const KeyId& choose_source();
  void failed(const Reply& reply);

  chain::PublicChain& chain_;
  std::vector<KeyId> sources_;
  Millis poll_;
  std::size_t source_ = 0;  // that is asked
  std::size_t turn_ = 0;    // among the others
  Time primary_due_{};      // when the first of them is asked again
  bool asking_ = false;
  Time due_{};
  Time now_{};
  std::uint64_t refused_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace lotmark::node
