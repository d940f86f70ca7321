// For whom an enterprise seals the segments of its records, and the sealing itself. docs/format/private.md (sealed
// segments), docs/adr/0042.
#pragma once

#include "core/wire/private_level.h"
#include "core/wire/public_level.h"
#include "ledger-node/chain/private/segment_keys.h"
#include "ledger-node/chain/private/segment_reader.h"

namespace lotmark::chain {

class PublicChain;

// Whoever may open segments beside the enterprise itself.
struct SealingReader {
  std::string name;
  sealed::ReaderKey key;
  std::optional<KeyId> member =
      {};  // a reviewer: of lots whose opening names it; null: of every lot
  bool partner = true, regulator = true;    // segments of which audience
  std::optional<std::uint64_t> until = {};  // ms UTC; null: no end

  bool reads(const Segment& segment, const Opening& opening) const;
};

struct SealingRules {
  std::shared_ptr<const sealed::OpeningKey> own;  // never null
  std::vector<SealingReader> readers;
  // Operators that may add readers and take them away: name or kid.
  std::vector<std::string> rewrappers = {};

  // Reviewers of the opening that no reader stands for: what is sealed stays closed to them.
  std::vector<KeyId> without_key(const Opening& opening, std::uint64_t now_ms) const;
  // Reviewers of the opening whose reader's end comes before `until_ms`.
  std::vector<const SealingReader*> ending_before(const Opening& opening,
                                                  std::uint64_t until_ms) const;
  // Whether it is the key of a reviewer of the opening: that one is given what is wrapped for it for as long as the lot
  // is asked for.
  bool is_reviewers(const KeyId& reader, const Opening& opening) const;
};

// key-bad if the chain knows `kid` as a member's or an enrolled one's: a key that signs opens nothing.
Status check_reads_only(const PublicChain& chain, const KeyId& kid);

// The enterprise's own; none where `rules` is null.
OpeningKeys keys_of(const SealingRules* rules);

// Segments of audience partner and regulator; not decoys, which are random bytes, and not trees of events or accesses,
// which hold a count and a root.
bool is_to_be_sealed(const Segment& segment);

struct SealedSegments {
  std::vector<Bytes> entries;    // as many as were handed in, in their order
  std::vector<SegmentKey> keys;  // the enterprise's own of each that is sealed, and its readers'
  std::vector<Bytes> authors;    // recipients for `author`, as the entries; empty: in the clear
};
// Each that is to be sealed with a content key of its own. `rules` null: none. segment-size, naming the segment, if one
// is too large with its seal. `author`, who is to see what it signs, may be null; its recipients are not among `keys`.
Result<SealedSegments> seal_segments(const Digest& chain, const Opening& opening,
                                     const std::vector<Segment>& segments,
                                     const SealingRules* rules, std::uint64_t now_ms,
                                     const sealed::ReaderKey* author = nullptr);

}  // namespace lotmark::chain
