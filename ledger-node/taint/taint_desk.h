// Answers operators: which lots rest on a key from a block on (GET /control/v1/tainted), which keys are revoked and lots
// recalled (GET /control/v1/revocations, /recalls), what was complained of (GET /control/v1/complaints), and how much of a
// lot is used (GET /control/v1/usage).
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/segment_reader.h"
#include "ledger-node/evidence/evidence_store.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class TaintDesk final : public Engine {
 public:
  // All outlive it; `private_db` null at a node without one. `self`: this node's key. `keys`: for what is sealed.
  TaintDesk(const chain::PublicChain& chain, const EvidenceStore& evidence,
            const store::Database* private_db, const KeyId& self, chain::OpeningKeys keys = {})
      : chain_(chain),
        evidence_(evidence),
        private_db_(private_db),
        self_(self),
        keys_(std::move(keys)) {}

  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time) override { return {}; }
  std::vector<std::pair<std::string, double>> metrics() const override { return {}; }

 private:
  Result<std::string> tainted(const Route& route) const;
  Result<std::string> revocations() const;
  Result<std::string> recalls() const;
  Result<std::string> complaints(const Route& route) const;
  Result<std::string> usage(const Route& route) const;

  const chain::PublicChain& chain_;
  const EvidenceStore& evidence_;
  const store::Database* private_db_;
  KeyId self_;
  chain::OpeningKeys keys_;
};

}  // namespace lotmark::node
