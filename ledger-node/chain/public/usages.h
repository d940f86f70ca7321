// Agencies' reports of use (docs/format/usage.md): events of a period block, and what they add up to.
#pragma once

#include "core/wire/usage.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::chain {

// By a member with the role agency, on a lot that is released and not cut.
Result<CheckedEvent> check_usage(const EventScope& scope, ByteView object);
Status take_usage(const PublicChain& chain, const Membership& judge, ByteView object,
                  std::uint64_t block);

// Lists the serials of reports that an older program took, in a transaction of its own; nothing where all are listed. A
// row that is damaged is passed over: ChainCheck names it, and Mend brings what follows from its block.
Status list_due_serials(const PublicChain& chain);

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

// What the table used_serial has of a serial: its unit's hash, cut to 63 bits. Two units may share one.
std::uint64_t serial_key(const Gtin& gtin, const LotNumber& lot, std::string_view serial);

// A report that names a serial.
struct SerialUse {
  UsageKind kind = UsageKind::kUsed;
  std::uint64_t time = 0;  // ms UTC, as the agency says
  KeyId agency;
  std::uint64_t block = 0;
  bool final = false;
  Digest report;  // its id
};
inline constexpr std::size_t kUsesOfKind = 85;
// Of that unit, in the order in which serials come (docs/format/usage.md): of each kind the first kUsesOfKind, so that
// reports of one kind, however many, hide none of another; empty where no report names it, or their blocks are cut. Read
// are the first 192 blocks that name it and the newest 64: for each of these the lot's reports there. Of more blocks those
// in between are passed over.
Result<std::vector<SerialUse>> serial_uses(const PublicChain& chain, const Gtin& gtin,
                                           const LotNumber& lot, std::string_view serial);
// The same out of a chain.db by another connection; of none it says that it is final.
Result<std::vector<SerialUse>> serial_uses(const store::Database& db, const Digest& chain_id,
                                           const Gtin& gtin, const LotNumber& lot,
                                           std::string_view serial);

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
