// Commands to gateways (docs/format/device.md, command): an operator of the keeping member asks by POST /control/v1/commands
// for one of seal-now, resend, check, diag and reload; the node signs it and hands it to its broker. A gateway that is not
// connected does not get it, and nothing here knows whether it obeyed.
#pragma once

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class CommandDesk final : public Engine {
 public:
  static constexpr std::uint64_t kValidMost = 86400;  // seconds from signing to expiry

  // Both outlive it.
  CommandDesk(const chain::PublicChain& chain, const Signer& signer, std::string organisation)
      : chain_(chain), signer_(signer), organisation_(std::move(organisation)) {}

  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time) override { return {}; }
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  struct Request {
    std::string device;  // name or kid
    CommandKind command = CommandKind::kSealNow;
    std::optional<std::uint64_t> from;
    std::uint64_t valid_s = 600;
  };
  static Result<Request> read(ByteView body);
  Result<const chain::Enrolled*> find(const std::string& device) const;
  Result<Reply> sign(const Request& request, const chain::Enrolled& by, Time now);

  const chain::PublicChain& chain_;
  const Signer& signer_;
  std::string organisation_;
  // Milliseconds UTC, or one above the last where that is taken: a node that was restored from a backup still counts on.
  std::uint64_t counter_ = 0;
  std::uint64_t signed_ = 0;
};

}  // namespace lotmark::node
