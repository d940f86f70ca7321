// Tells other nodes and operators of evidence, and asks for theirs once a minute: the supervisory nodes; a supervisory
// node asks reviewers too. What comes is verified before it is kept, as what this node found itself. An enterprise's node
// tells its operators alone: bundles say what was measured.
#pragma once

#include <map>

#include "ledger-node/evidence/evidence_store.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class EvidenceExchange final : public Engine {
 public:
  // Both must outlive it.
  EvidenceExchange(const chain::PublicChain& chain, EvidenceStore& store, const KeyId& self)
      : chain_(chain), store_(store), self_(self) {}

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  struct Line {
    std::uint64_t next = 1;  // the first of its files not seen yet
    Time due{};
    unsigned asked = 0;  // answers taken in a row
    bool busy = false;
    bool refused = false;  // what it gave last: said once
  };
  bool is(Role role) const;
  Reply list_json() const;
  void answered(const KeyId& from, const Reply& reply);

  const chain::PublicChain& chain_;
  EvidenceStore& store_;
  KeyId self_;
  std::map<KeyId, Line> lines_;
  Time now_{};
  std::uint64_t refused_ = 0;
};

}  // namespace lotmark::node
