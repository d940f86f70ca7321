// A supervisory node's votes: after each block it checked, and at least every minute. A vote is stored before
// it is sent; within a term it only ever extends the last one, and none is cast below the term of a turn given,
// nor on a tree whose newest term is held by a member proven to have signed two blocks for one number.
#pragma once

#include <functional>

#include "core/base/backoff.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Voter final : public Engine {
 public:
  // It signs nothing while `may_sign` says no.
  Voter(
      chain::PublicChain& chain, const Signer& signer,
      std::function<bool()> may_sign = [] { return true; });

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  // Signs and keeps a vote on the present tree; nothing when the rules forbid it.
  Result<std::optional<Bytes>> cast(Time now);
  bool due(Time now) const;
  Status load();
  bool extends_last();
  // Whether the tree's newest term is of a member proven to have signed two blocks for one number.
  void look_at_holder();
  // The newest vote on its way to one member: again after a pause while that member cannot take it, not
  // again once it refused it for good.
  struct Line {
    Bytes unsent;  // empty: nothing to send
    bool sending = false;
    Backoff backoff{Millis{100}, Millis{2000}};
    std::optional<Millis> pause;  // after a failure, to begin at the next tick
    Time not_before{};
  };
  void answered(const KeyId& kid, const Bytes& vote, const Reply& reply);

  chain::PublicChain& chain_;
  const Signer& signer_;
  std::function<bool()> may_sign_;
  std::optional<Vote> last_;
  bool loaded_ = false;
  std::optional<std::uint64_t>
      extends_as_of_;  // the chain's taken_back() when the tree held the last vote's
  bool held_back_ = false;
  std::optional<std::string> withheld_;  // the file that proves it
  std::map<KeyId, Line> lines_;
  std::uint64_t cast_ = 0;
  std::uint64_t not_cast_ = 0;
  bool not_cast_told_ = false;  // since one was
};

}  // namespace lotmark::node
