// A node that lacks blocks whose bodies the others cut begins behind the cut: it takes the newest final cut with its
// votes, state, leaves, kept blocks and tombstones from one of them, checks all of it from the anchor and installs it in
// one transaction (docs/format/cut.md, joining). Leaves and kept blocks pass through files, so that memory does not grow
// with the chain.
#pragma once

#include <filesystem>
#include <fstream>

#include "ledger-node/chain/public/join.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class JoinFiles;

class Joiner final : public Engine {
 public:
  // `folder` is emptied at each attempt. `chain` must outlive it.
  Joiner(chain::PublicChain& chain, std::filesystem::path folder);
  ~Joiner() override;

  // A member said that it cut what this chain lacks next.
  void behind(const KeyId& source);
  bool joining() const { return step_ != Step::kIdle; }

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  enum class Step : std::uint8_t { kIdle, kCuts, kStatements, kState, kLeaves, kKept, kTombstones };

  std::string path() const;
  void took(const Reply& reply);
  // Nothing left to ask in this step: true.
  Result<bool> take(const std::vector<Bytes>& list);
  Result<bool> take_leaves(ByteView page);
  Status take_kept(const Bytes& bytes);
  bool too_slow() const;
  Status next_step();
  Status finish();
  void failed(const Error& error);

  chain::PublicChain& chain_;
  std::filesystem::path folder_;
  Step step_ = Step::kIdle;
  KeyId source_;
  bool busy_ = false;
  Time now_{};
  Time due_{};
  std::optional<KeyId> failed_;  // the source of the last attempt
  chain::JoinOffer offer_;
  std::optional<chain::JoinPoint> point_;
  std::unique_ptr<JoinFiles> files_;
  std::uint64_t at_cut_ = 0;  // number of the cut block offered
  std::uint64_t at_ = 0;      // how far this step came
  std::size_t cut_ = 0;       // whose tombstones come
  merkle::CompactRange leaves_;
  std::uint64_t came_ = 0;  // bytes, in this attempt
  Time begun_{};
  std::uint64_t joined_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace lotmark::node
