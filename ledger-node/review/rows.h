// What the enterprise answers its reviewer (docs/operate/peer.md, "rows" and "bundle file"), read strictly and
// within bounds. Only shape is checked here: what it says is judged by findings.h.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/merkle/tree.h"
#include "ledger-node/chain/private/claim_evidence.h"

namespace lotmark::review {

inline constexpr std::size_t kRowsBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kBundleFileBytesMax = 1024 * 1024 + 4096;
inline constexpr std::size_t kRowsMax = 1024;
inline constexpr std::size_t kSegmentsMax = 256;
inline constexpr std::size_t kRecipientBytesMax = 1024;
// Bundles of one lot, each counted once a claim.
inline constexpr std::size_t kEvidenceMax = 65536;

using chain::ClaimEvidence;
using chain::EvidenceRef;

struct LotRow {
  Bytes head;                   // cbor of a RecordHead
  std::vector<Bytes> segments;  // segment entries
  Bytes record;                 // the author's signed object
  Bytes transaction;
  Digest hash;
  std::vector<ClaimEvidence> evidence;
  // What opens its sealed segments to this reviewer: segment and COSE_recipient. None in a row of 6 places.
  std::vector<std::pair<std::uint64_t, Bytes>> recipients = {};

  std::vector<Bytes> recipients_of(std::uint64_t segment) const;
};

struct LotRows {
  Bytes opening;
  Bytes start;
  std::vector<LotRow> rows;
};

struct BundleFile {
  Bytes wire;  // bundle wire, or a gap object
  std::uint64_t index = 0;
  merkle::Path path;  // empty also where the size asked for does not cover the bundle
};

// too-large, the CBOR errors, field-type or field-range.
Result<LotRows> read_rows(ByteView bytes);
Result<BundleFile> read_bundle_file(ByteView bytes);

// Every bundle the rows name, each once, in the order they are named.
std::vector<Digest> bundles_named(const LotRows& rows);

}  // namespace lotmark::review
