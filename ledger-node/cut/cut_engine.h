// Cutting (docs/format/cut.md): each node drops bodies once a cut is final; a supervisory node gives flags; the primary
// proposes at the audit round or when an operator asks, gathers flags, and has the block ordered.
#pragma once

#include "ledger-node/chain/public/cut_range.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/cut/cut_round.h"
#include "ledger-node/order/block_source.h"

namespace lotmark::node {

// Who still needs the bodies of a final cut says so: the node that is to hold its archive.
class BodyKeeper {
 public:
  virtual ~BodyKeeper() = default;
  virtual bool may_drop(const chain::CutEntry& cut, Time now) = 0;
};

struct CutConfig {
  Millis every{};            // between audit rounds
  bool supervising = false;  // gives flags, and proposes while it orders
};

class CutEngine final : public Engine, public BlockSource {
 public:
  // `chain` and `signer` must outlive it.
  CutEngine(chain::PublicChain& chain, const Signer& signer, const CutConfig& config);
  // Without a keeper, which must outlive it, bodies go as soon as the cut is final.
  void keep_for(BodyKeeper& keeper) { keeper_ = &keeper; }

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  std::optional<std::pair<BlockKind, BlockBody>> due() override;
  Status fits(const Block& block) override;

 private:
  // The flag for a claim, given before or now: stored before it is answered.
  Result<Bytes> give_flag(const CutClaim& claim, Time now);
  Result<Reply> ask(const Call& call, Time now);
  std::string status(Time now);

  bool orders() const;
  // What may go as of the newest checkpoint; remembers what holds it up, and says it once.
  Result<chain::CutPlan> plan(Time now);
  Status begin(const chain::CutPlan& plan, Time now);
  void hold_round(Time now);
  void go_on(Time now);
  void drop(Time now);
  void thin();

  chain::PublicChain& chain_;
  const Signer& signer_;
  CutConfig config_;
  BodyKeeper* keeper_ = nullptr;
  KeyId self_;
  std::shared_ptr<CutRound> round_;
  std::optional<Time> next_;              // audit round; known once there was a tick
  std::optional<chain::HeldUp> held_up_;  // as of the last look
  Time drop_due_{};
  std::uint64_t thinned_at_ = 0;  // final size at which there was nothing to thin
  std::uint64_t flags_given_ = 0;
  std::uint64_t rounds_failed_ = 0;
};

}  // namespace lotmark::node
