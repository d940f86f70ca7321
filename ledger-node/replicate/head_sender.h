// Sends the head of a private log (intake, received) to the primary, so that every period block can log it:
// "as it happens" becomes provable there.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class HeadSender final : public Engine {
 public:
  // Gives the head of the log from `prior` leaves on. Called under the node's lock.
  using MakeHead = std::function<Head(std::uint64_t prior, Time now)>;
  // `primary`: who orders now; nobody: it waits.
  using PrimaryNow = std::function<std::optional<KeyId>()>;
  HeadSender(const chain::PublicChain& chain, const Signer& signer, PrimaryNow primary, LogKind log,
             Millis least_pause, MakeHead make_head);

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  const chain::PublicChain& chain_;
  const Signer& signer_;
  PrimaryNow primary_;
  LogKind log_;
  Millis pause_;
  MakeHead make_head_;
  std::optional<KeyId> sending_to_;
  std::uint64_t attempt_ = 0;  // the one that is waited for
  bool refused_ = false;
  Time due_{};
  // What the primary last took: sent again only when there is something new to log.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> taken_;  // prior, size
  std::optional<std::uint64_t> taken_period_;
  KeyId taken_by_{};
};

}  // namespace lotmark::node
