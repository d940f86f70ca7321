// The review itself, without I/O: what the enterprise showed, what the reviewer received and what the chain
// says go in, findings come out. Every number is recomputed from the devices' signatures up; nothing the
// enterprise says of its own data is taken over. docs/format/public.md, "report".
#pragma once

#include <map>
#include <set>

#include "core/wire/sign1.h"
#include "ledger-node/chain/private/segment_reader.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/review/calibration.h"
#include "ledger-node/review/finding.h"
#include "ledger-node/review/rows.h"

namespace lotmark::review {

struct ReceivedTransaction {
  Digest id;
  std::uint64_t at = 0;  // when it arrived here, ms UTC
};

struct FetchedBundle {
  BundleFile file;
  Checkpoint head;  // the intake head a period block had logged when it was asked for; size 0: none
};

// Of a key that is revoked: since when it is suspected.
struct SuspectedKey {
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // of that block, ms UTC
  std::uint64_t logged =
      0;  // entries of the enterprise's intake log that blocks before it had logged
};

struct ReviewInput {
  Digest chain;
  const std::map<KeyId, chain::Enrolled>* enrolled = nullptr;  // outlives the call
  std::map<KeyId, SuspectedKey> suspected;
  Member enterprise;
  Signed<Opening> opening;
  std::optional<Bytes> start;  // as this reviewer received it; nothing: it never did
  std::uint64_t start_at = 0;  // when, ms UTC
  LineFile line;
  std::uint64_t lateness = 0;       // of the programme, ms
  std::set<std::string> published;  // channels the programme's limits name: their claims are shown
  std::map<std::string, CalibrationRule> calibration;               // this reviewer's, by channel
  std::map<KeyId, std::vector<EnrolledChannel>> enrolled_channels;  // of the line's devices
  std::vector<ReceivedTransaction> transactions;                    // in order of prev
  std::optional<LotRows> rows;  // nothing: they could not be had, `unreadable` says why
  std::string unreadable;
  std::map<Digest, FetchedBundle> bundles;  // one that is missing could not be had
  chain::OpeningKeys opening_keys = {};     // this reviewer's, for what is sealed
};

struct ReviewedClaim {
  Claim claim;
  std::string device_name;
  std::vector<std::string> calibration;  // of the readings in the step, in words
};

struct ReviewFindings {
  std::vector<FoundItem> findings;
  std::vector<ReviewedClaim> claims;  // of the steps, corrected ones left out

  bool refuse() const;
};

ReviewFindings compute_findings(const ReviewInput& input);

}  // namespace lotmark::review
