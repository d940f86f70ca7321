// The enterprise's role: batches from start signal to application, one private chain each, transactions at
// the slots, and what the public is shown afterwards. docs/format/private.md, docs/operate/peer.md.
#pragma once

#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/intake/intake_log.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct EnterpriseConfig {
  std::string organisation;
  std::vector<std::filesystem::path> lines;  // line files
};

class Enterprise final : public Engine {
 public:
  // All that is pointed to must outlive the engine.
  static Result<std::unique_ptr<Enterprise>> open(const store::Database& private_db,
                                                  const Signer& signer, chain::PublicChain& chain,
                                                  IntakeLog& intake, chain::ReceivedLog& received,
                                                  const EnterpriseConfig& config);

  std::optional<Reply> peer(const Route&, const Call&, const Member&, Time) override;
  std::optional<Reply> control(const Route&, const Call&, const chain::Enrolled&, Time) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;
  ~Enterprise() override;

 private:
  struct State;
  explicit Enterprise(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lotmark::node
