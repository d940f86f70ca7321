// Agencies' reports of use (docs/format/usage.md): events of a period block, and what they add up to.
#pragma once

#include "core/wire/usage.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::chain {

// By a member with the role agency, on a lot that is released and not cut.
Result<CheckedEvent> check_usage(const EventScope& scope, ByteView object);
Status take_usage(const PublicChain& chain, const Membership& judge, ByteView object,
                  std::uint64_t block);

struct KnownUsage {
  Digest id;
  KeyId by;
  std::uint64_t block = 0;
  Usage usage;
};
// On that lot, by block, those behind block `after`: about `limit`, and all of a block or none.
Result<std::vector<KnownUsage>> usages(const PublicChain& chain, const Gtin& gtin,
                                       const LotNumber& lot, std::uint64_t after,
                                       std::size_t limit);

// What all reports on a lot say together.
struct LotUse {
  static constexpr std::size_t kSerialsRead = 262144;
  static constexpr std::size_t kAgainNamed = 100;

  std::uint64_t reports = 0;
  UsageUnits units{};
  std::uint64_t again = 0;                 // serials that came again
  std::vector<std::string> again_serials;  // the first of them
  std::uint64_t read = 0;                  // serials looked at, from the first report on
  // false: there are more than kSerialsRead, a report without any counted as one
  bool all_read = true;
};
Result<LotUse> lot_use(const PublicChain& chain, const Gtin& gtin, const LotNumber& lot);

}  // namespace lotmark::chain
