// Receipts of lots that were cut, from an archive file and a node's chain: the leaves are all there, so today's votes
// cover old blocks too (docs/format/cut.md).
#pragma once

#include "ledger-node/archive/disclosures.h"

namespace lotmark::node {

struct RestoreOptions {
  std::filesystem::path archive;
  std::filesystem::path disclosures;  // empty: none
  // All lots of the file, or those of them that are asked for.
  std::optional<Gtin> gtin;
  std::optional<LotNumber> lot;
};

struct RestoredLot {
  std::uint64_t block = 0;
  Gtin gtin;
  LotNumber lot;
  Bytes receipt;  // verified; `verdict` is what it gives now
  VerdictKind verdict = VerdictKind::kUnknown;
  bool disclosed = false;
  std::string without;  // why what was disclosed is not in it; empty where nothing was left out
};

struct RestoreSummary {
  ArchiveSummary archive;
  std::uint64_t restored = 0;
};

// `take` gets each lot in the order of blocks. cut-content where the file or a block in it is not this chain's,
// quorum while no vote covers it; receipts' own errors.
Result<RestoreSummary> restore(const chain::PublicChain& chain, const RestoreOptions& options,
                               Time now, const std::function<Status(RestoredLot)>& take);

// That a final cut of this chain names the file: its range and hash.
Status check_archive_of(const chain::PublicChain& chain, const ArchiveSummary& archive);

}  // namespace lotmark::node
