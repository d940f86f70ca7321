// What devices said of themselves when they connected: the births of an enterprise's devices, as far as they differ
// in life, boot or calibration. A file of its own, since the broker retains the newest and nothing binding rests on
// it alone. Not thread-safe.
#pragma once

#include "core/store/database.h"
#include "ledger-node/chain/private/calibration.h"

namespace lotmark::node {

class BirthLog {
 public:
  // Kept of one device; the oldest go.
  static constexpr std::uint64_t kPerDevice = 256;

  static Result<BirthLog> open(const std::filesystem::path& file);

  // A birth whose signer and signature were checked. Nothing is kept of one that says nothing new, that is older than
  // the newest (a broker may say it again), or that is a last will of a session whose birth is known: what was
  // configured while the session ran is not in it. too-large above kBirthBytesMax.
  Status take(const Signed<Birth>& birth, Time now);

  // Those that may be in force in [start, end), in the order they arrived: the last before it, those in it, and the
  // first behind it, of a device that could not tell in time. The newest chain::kBirthsMax of them.
  Result<std::vector<chain::ToldBirth>> over(const KeyId& device, std::uint64_t start,
                                             std::uint64_t end, const Digest& chain) const;

 private:
  explicit BirthLog(store::Database db) : db_(std::move(db)) {}
  Result<bool> says_something(const Signed<Birth>& birth, const Digest& calibrations,
                              std::uint64_t& at) const;
  store::Database db_;
};

}  // namespace lotmark::node
