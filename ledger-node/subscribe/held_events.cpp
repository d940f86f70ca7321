#include "ledger-node/subscribe/held_events.h"

namespace lotmark::node {

// Looks that are remembered: beyond, events wait for the next that is.
static constexpr std::size_t kLooks = 4096;

std::optional<std::uint64_t> HeldEvents::look(const SubscriptionStore::Newest& newest,
                                              std::uint64_t rows_held) {
  const bool first = !held_ && waiting_.empty();
  const std::uint64_t seen = waiting_.empty() ? held_.value_or(0) : waiting_.back().event;
  if (first || (newest.event > seen && waiting_.size() < kLooks)) waiting_.push_back(newest);
  while (!waiting_.empty() && waiting_.front().moved <= rows_held) {
    held_ = waiting_.front().event;
    waiting_.pop_front();
  }
  return held_;
}

}  // namespace lotmark::node
