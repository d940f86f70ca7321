// The organisation's period chain: every captured event that joins no lot's step, and every entry of the access log, goes
// into a record of its own organisation, one a period of the public chain at most, whose transaction a period block logs.
// docs/format/events.md, docs/format/access.md.
#pragma once

#include <functional>

#include "core/merkle/tree.h"
#include "ledger-node/capture/lost_records.h"
#include "ledger-node/chain/private/access_sets.h"
#include "ledger-node/chain/private/event_sets.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct PeriodRecorderConfig {
  std::string organisation;
  // Brings the transaction to whoever orders, until a final block holds it; the same one again is no harm.
  std::function<Status(ByteView transaction, Time now)> submit;
  // The place in `moved` up to which every standby holds rows; nothing behind it leaves. Empty: no standby.
  std::function<std::uint64_t()> rows_held{};
  // When these rows came out of a copy, ms UTC: nothing new is recorded before the chain shows that no record is missing.
  std::optional<std::uint64_t> resumed_at{};
};

class PeriodRecorder final : public Engine {
 public:
  // All that is pointed to must outlive it.
  static Result<std::unique_ptr<PeriodRecorder>> open(const store::Database& private_db,
                                                      const chain::PublicChain& chain,
                                                      const Signer& signer,
                                                      PeriodRecorderConfig config);

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  // The end of the period chain.
  struct Last {
    std::uint64_t period = 0;
    std::uint64_t time = 0;  // ms UTC
    Digest hash;
    Digest tx_id;
    Bytes tx;
    std::uint64_t fence = 0;        // place in `moved` behind its row
    std::optional<Time> submitted;  // when it was last brought
  };
  // What goes into the next record, gathered a little each tick.
  struct Gathered {
    std::vector<merkle::CompactRange> trees;  // a segment each
    std::vector<chain::EventSpan> spans;
    std::uint64_t last = 0;  // newest event that was looked at
    // The same of the access log. Its segments come behind those of events; spans count them from 0 here.
    std::vector<merkle::CompactRange> access_trees;
    std::vector<chain::AccessSpan> access_spans;
    std::optional<std::uint64_t> accessed;  // newest access that was looked at

    bool empty() const { return trees.empty() && access_trees.empty(); }
  };

  PeriodRecorder(const store::Database& db, const chain::PublicChain& chain, const Signer& signer,
                 PeriodRecorderConfig config)
      : db_(db),
        chain_(chain),
        signer_(signer),
        config_(std::move(config)),
        sets_(db),
        accesses_(db) {
    if (config_.resumed_at) lost_.emplace(db, chain, signer.kid(), *config_.resumed_at);
  }
  Status load();
  Status advance(Time now);
  Status gather();
  Status gather_events();
  Status gather_accesses();
  Status gather_left_behind();
  bool add_access(const chain::AccessLeaf& leaf);
  Status seal_record(Time now);
  Status submit(Time now);
  Result<std::uint64_t> moved_top() const;
  std::uint64_t next_period() const { return chain_.has_period() ? chain_.last_period() + 1 : 0; }

  const store::Database& db_;
  const chain::PublicChain& chain_;
  const Signer& signer_;
  PeriodRecorderConfig config_;
  chain::EventSets sets_;
  chain::AccessSets accesses_;
  std::optional<LostRecords> lost_;  // of rows out of a copy
  std::optional<Last> last_;
  Gathered gathered_;
  std::vector<chain::AccessSets::Run> left_behind_;  // accesses that came back: they go first
  Time due_{};
  std::string trouble_;
  std::uint64_t records_ = 0;
};

}  // namespace lotmark::node
