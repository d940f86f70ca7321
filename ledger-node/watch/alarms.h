// What needs somebody: the chain stands, finality lags, the quorum is lost. Judged from the chain as this node holds it, so
// it is the same at every kind of node. docs/operate/running.md (alarms).
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct AlarmConfig {
  Millis finality{30'000};  // how long a block may wait for its quorum
  Millis period{
      60'000};  // between period blocks: three times that without a block, and the chain stands
};

class Alarms final : public Engine {
 public:
  // `chain` must outlive it.
  Alarms(const chain::PublicChain& chain, const AlarmConfig& config)
      : chain_(chain), config_(config) {}

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  // Those that hold: chain-stands, finality-lags, quorum-lost; each with a sentence.
  const std::map<std::string, std::string>& raised() const { return raised_; }

 private:
  void look(Time now);
  std::size_t voters_heard() const;
  void set(const std::string& alarm, bool holds, const std::string& why);
  void count_missing_heads();

  const chain::PublicChain& chain_;
  AlarmConfig config_;
  Time due_{};
  std::uint64_t size_ = 0, final_ = 0;
  Time grew_{};  // when the chain last grew
  std::optional<Time>
      unfinal_;  // since when something waits for its quorum and nothing became final
  std::map<std::string, std::string> raised_;
  std::map<std::string, std::uint64_t> raised_total_;
  std::uint64_t periods_seen_ = 0;  // period blocks up to this number were looked at
  std::map<std::string, std::uint64_t>
      heads_late_;  // by organisation: period blocks without its head
};

}  // namespace lotmark::node
