// Who holds the ordering engine's lease, as seen from one node: when ours counts, when another's stood still for
// too long, and what to put next. No I/O; times are of this node's own clock only.
#pragma once

#include <optional>

#include "ledger-node/order/order_log.h"

namespace lotmark::node {

class LeaseKeeper {
 public:
  // `rank`: members wait a little longer one after another, so that they do not all try at once.
  LeaseKeeper(KeyId self, unsigned rank);

  void seen(const LeaseSeen& seen, Time now);
  void lost();  // the engine cannot be reached
  // The lease is ours in `term` and was renewed so lately that nobody else can have taken it for abandoned.
  bool held(std::uint64_t term, Time now) const;
  // The newest term any lease was seen to name.
  std::uint64_t term() const { return seen_ && seen_->lease ? seen_->lease->term : 0; }
  // Another one has it, as far as is known.
  bool others() const { return seen_ && seen_->lease && seen_->lease->holder != self_; }
  // Nothing is put until then: others may have it.
  void rest(Time until) { resting_until_ = until; }

  struct Put {
    std::uint64_t revision = 0;
    Lease lease;
  };
  // What is due: to renew ours, to raise its term to `wanted`, or to take one that stood still. The caller puts
  // it and hands the answer to answered().
  std::optional<Put> due(std::uint64_t wanted, Time now);
  void answered(const Result<std::uint64_t>& revision);

 private:
  bool ours() const { return seen_ && seen_->lease && seen_->lease->holder == self_; }
  KeyId self_;
  Millis patience_;
  std::optional<LeaseSeen> seen_;
  Time changed_{};  // when it was last seen to change
  Time renewed_{};  // when the newest put that succeeded was sent
  struct Sent {
    Lease lease;
    Time at;
  };
  std::optional<Sent> sent_;
  Time resting_until_{};
};

}  // namespace lotmark::node
