// The primary: takes releases, refusals and heads, promises, and orders them into signed blocks. What it signs for
// (term, number) is on disk before it signs; after a crash the same bytes leave again. `ordering = "local"`: this
// node's database is the order (docs/adr/0005 keeps the place of another engine).
#pragma once

#include <deque>

#include "ledger-node/order/period.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct PrimaryConfig {
  Millis period{};        // between period blocks
  Millis promise{30000};  // by when a submission is promised to be on the chain
};

class Primary final : public Engine {
 public:
  // `chain` and `signer` must outlive it. Pending submissions are kept in `file` (order.db).
  static Result<std::unique_ptr<Primary>> open(const std::filesystem::path& file,
                                               chain::PublicChain& chain, const Signer& signer,
                                               const PrimaryConfig& config);

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route&, const Call&, const chain::Enrolled&, Time) override {
    return std::nullopt;
  }
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  Primary(store::Database db, chain::PublicChain& chain, const Signer& signer,
          const PrimaryConfig& config);

  // A block candidate around `body`, numbered and timed as the next one.
  Block next_block(BlockKind kind, BlockBody body, Time now) const;
  // conflict while another decision on the application, or another release of the lot, is promised.
  Result<Bytes> take_submission(const Call& call, const Member& from, Time now);
  Result<std::optional<Bytes>> pending_promise(const Digest& inner, const Digest& object) const;
  // Reserves, signs, stores and appends; the body has passed the chain's own checks before.
  Status order(const Block& block, Time now);
  // Finishes what a crash left between reserving and appending.
  Status finish_reserved(Time now);
  Status order_pending(Time now);
  Status order_period(Time now);

  store::Database db_;
  chain::PublicChain& chain_;
  const Signer& signer_;
  PrimaryConfig config_;
  PeriodCollector period_;
  std::uint64_t refused_ = 0;
  std::uint64_t ordered_ = 0;
};

}  // namespace lotmark::node
