// What every supervisory node takes from enterprises besides votes: disclosures of lots that are on the chain,
// so that each of them can serve the receipt.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Supervisor final : public Engine {
 public:
  explicit Supervisor(chain::PublicChain& chain) : chain_(chain) {}

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::vector<Outgoing> tick(Time /*now*/) override { return {}; }
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  Status take_disclosure(ByteView body, const Member& from, Time now);
  chain::PublicChain& chain_;
  std::uint64_t taken_ = 0;
};

}  // namespace lotmark::node
