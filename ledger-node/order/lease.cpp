#include "ledger-node/order/lease.h"

namespace lotmark::node {

namespace {

constexpr Millis kRenew{600};
// Ours counts for less time than others wait, by a margin for clocks that run apart.
constexpr Millis kHeld{1800};
constexpr Millis kStill{2300};
constexpr Millis kRank{250};

}  // namespace

LeaseKeeper::LeaseKeeper(KeyId self, unsigned rank)
    : self_(self), patience_(kStill + rank * kRank) {}

void LeaseKeeper::seen(const LeaseSeen& seen, Time now) {
  // What is older comes in after the answer to a newer one of ours.
  if (seen_ && seen.revision != 0 && seen.revision <= seen_->revision) return;
  if (seen_ && seen.revision == seen_->revision) return;
  seen_ = seen;
  changed_ = now;
}

void LeaseKeeper::lost() {
  seen_.reset();
  sent_.reset();
  renewed_ = {};
}

bool LeaseKeeper::held(std::uint64_t term, Time now) const {
  return ours() && seen_->lease->term == term && renewed_ != Time{} && now < renewed_ + kHeld;
}

std::optional<LeaseKeeper::Put> LeaseKeeper::due(std::uint64_t wanted, Time now) {
  if (!seen_ || sent_ || now < resting_until_) return std::nullopt;
  const std::uint64_t beat = seen_->lease ? seen_->lease->beat + 1 : 1;
  if (ours()) {
    if (now < renewed_ + kRenew && seen_->lease->term == wanted) return std::nullopt;
  } else if (now < changed_ + patience_) {
    return std::nullopt;
  }
  sent_ = Sent{{self_, wanted, beat}, now};
  return Put{seen_->revision, sent_->lease};
}

void LeaseKeeper::answered(const Result<std::uint64_t>& revision) {
  if (!sent_) return;
  const Sent sent = *std::exchange(sent_, std::nullopt);
  if (!revision) return;  // what it is now comes by itself
  seen_ = LeaseSeen{sent.lease, *revision};
  changed_ = sent.at;
  renewed_ = sent.at;
}

}  // namespace lotmark::node
