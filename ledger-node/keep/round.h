// One round over chain.db after another: what was found, and what became of it.
#pragma once

#include <list>
#include <set>

#include "core/base/clock.h"
#include "ledger-node/chain/public/mend.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

enum class FaultState {
  kOpen,  // another node is asked, or nothing can be done while this process runs
  kMended,
  kLost,  // nobody has it, and nobody needs it: a vote below the checkpoint
};

struct FoundFault {
  chain::Fault fault;
  FaultState state = FaultState::kOpen;
  chain::Mended wants = chain::Mended::kDone;  // what is asked for, while open
  std::set<KeyId> asked;
};

class Round {
 public:
  static constexpr std::size_t kFaults = 1000;  // more are counted, not kept

  // Goes on where the last process stopped, if it left a round unfinished. `chain` outlives it.
  static Result<Round> open(chain::PublicChain& chain);

  bool running() const { return running_; }
  void begin(Time now);
  // Looks at about `rows` rows more, mends what can be mended here; store errors. `changed` if rows were written.
  Status step(std::uint64_t rows, Time now);
  // Keeps where the round is: a write, so it also shows whether the disk takes one.
  Status save();

  const chain::CheckPlace& place() const { return check_.place(); }
  std::list<FoundFault>& faults() { return faults_; }
  const std::list<FoundFault>& faults() const { return faults_; }
  std::uint64_t open_faults() const;
  std::uint64_t found() const { return found_; }
  std::uint64_t mended() const { return mended_; }
  Time begun() const { return begun_; }
  Time ended() const { return ended_; }
  std::uint64_t size() const { return check_.size(); }
  // This node's promises could not be proven, and are gone: said once.
  bool take_forgotten() { return std::exchange(forgotten_, false); }
  bool wants_rebuild() const { return rebuild_; }

  // Another node's answer to what a fault wants.
  void put_block(FoundFault& f, ByteView block);
  // Votes or disclosures went in through the chain: the fault is looked at again.
  void settle(FoundFault& f, bool nobody_has_it);

 private:
  Round(chain::PublicChain& chain, chain::ChainCheck check)
      : chain_(&chain), check_(std::move(check)) {}
  void take(std::vector<chain::Fault> found);
  void mend(FoundFault& f);
  void done(FoundFault& f, FaultState state);
  void reload_when_whole();

  chain::PublicChain* chain_;
  chain::ChainCheck check_;
  std::list<FoundFault> faults_;
  bool running_ = false;
  bool forgotten_ = false;
  bool rebuild_ = false;
  bool stale_ = false;        // rows were mended that memory was made of
  std::uint64_t found_ = 0;   // since the start
  std::uint64_t mended_ = 0;  // since the start
  Time begun_{};
  Time ended_{};
};

}  // namespace lotmark::node
