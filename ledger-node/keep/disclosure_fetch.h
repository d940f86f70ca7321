// Disclosures that a supervisory node lacks: its disk is new, or it was away when the enterprise gave them out. Asked of
// the other supervisory nodes, one after another, at the start and every hour; each is checked against its block before
// it is kept.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class DisclosureFetch final : public Engine {
 public:
  // `chain` outlives it.
  DisclosureFetch(chain::PublicChain& chain, KeyId self) : chain_(chain), self_(self) {}

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  void answered(const Reply& reply);
  void next_source();
  std::optional<KeyId> source() const;

  chain::PublicChain& chain_;
  KeyId self_;
  std::size_t source_ = 0;  // among the others
  std::uint64_t from_ = 1;  // of the present source
  bool busy_ = false;
  Time due_{};
  Time now_{};
  std::uint64_t fetched_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace lotmark::node
