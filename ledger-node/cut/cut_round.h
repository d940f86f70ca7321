// One cut on its way: the range and its hashes, and the flags that came for it. Of the primary, in memory: after a
// restart another round finds the same.
#pragma once

#include "core/wire/cut.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class CutRound : public std::enable_shared_from_this<CutRound> {
 public:
  // `own`: this node's flag. `chain` and `self` must outlive it.
  static std::shared_ptr<CutRound> begin(const chain::PublicChain& chain, const KeyId& self,
                                         const CutClaim& claim, Bytes own, Time now);

  const CutClaim& claim() const { return claim_; }
  Time begun() const { return begun_; }
  std::size_t flags() const { return flags_.size(); }
  // Why the member that answered last gave none.
  const std::string& refusal() const { return refusal_; }

  // Asks who has not flagged it, again after a pause.
  std::vector<Outgoing> tick(Time now);
  // The body, once a quorum of the newest statement flagged it.
  std::optional<CutBody> body() const;

 private:
  CutRound(const chain::PublicChain& chain, const KeyId& self, const CutClaim& claim, Time now)
      : chain_(chain), self_(self), claim_(claim), begun_(now), now_(now) {}
  void take(const KeyId& from, const Reply& reply);

  struct Line {
    bool busy = false;
    Time due{};
  };
  const chain::PublicChain& chain_;
  const KeyId& self_;
  CutClaim claim_;
  Time begun_;
  Time now_;
  std::map<KeyId, Bytes> flags_;
  std::map<KeyId, Line> lines_;
  std::string refusal_;
};

}  // namespace lotmark::node
