// The enterprise's role: batches from start signal to application, one private chain each, transactions at
// the slots, and what the public is shown afterwards. docs/format/private.md, docs/operate/peer.md.
#pragma once

#include <memory>
#include <set>

#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/intake/intake_log.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::chain {
struct SealingRules;
}

namespace lotmark::node {

class BirthLog;

struct EnterpriseConfig {
  std::string organisation;
  std::vector<std::filesystem::path> lines;  // line files
  // The place in `moved` up to which every standby holds rows; nothing behind it leaves. Empty: no standby.
  std::function<std::uint64_t()> rows_held{};
  // The rows came out of a copy: nothing of a batch is signed before its reviewers said that they hold no more of it.
  bool resumed = false;
  // What devices told of their calibration; outlives the engine. Null: nothing is said of it.
  const BirthLog* births = nullptr;
  // For whom segments are sealed. Null: they are kept in the clear, and what was sealed before stays closed.
  std::shared_ptr<const chain::SealingRules> sealing = nullptr;
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
  // Damage was found in a batch: no step is taken for it, no transaction or application signed. The rest goes on.
  // Nothing of a batch that is decided, or stopped already. Kept in private.db: it is stopped after a restart too.
  void stop(const std::string& lot, const std::string& why);
  // The same for every batch whose line names the device.
  void stop_using(const KeyId& device, const std::string& why);
  // A look through all rows is over: batches that were stopped before the start and not again since go on.
  void looked_at_all();
  // Devices of stopped batches that no other open batch's line names.
  std::set<KeyId> stopped_devices() const;
  // How many batches were stopped since the start: changes when stopped_devices() may.
  std::uint64_t stops() const;
  ~Enterprise() override;

 private:
  struct State;
  explicit Enterprise(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lotmark::node
