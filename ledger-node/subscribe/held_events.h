// Which events every standby holds: none that is not may be told to a subscriber, who would know of an event that is lost
// with this node's disk. docs/adr/0019. No I/O; one thread.
#pragma once

#include <deque>
#include <optional>

#include "ledger-node/subscribe/subscription_store.h"

namespace lotmark::node {

class HeldEvents {
 public:
  // `newest` is the newest event now, `rows_held` the place in `moved` up to which every standby holds rows. Row of the
  // newest event that is held for sure: it never falls, and follows as far behind as the standbys do, or as the time
  // between two looks. Nothing before all events of the first look are held.
  std::optional<std::uint64_t> look(const SubscriptionStore::Newest& newest,
                                    std::uint64_t rows_held);

 private:
  std::deque<SubscriptionStore::Newest> waiting_;  // in order: held once `moved` is
  std::optional<std::uint64_t> held_;
};

}  // namespace lotmark::node
