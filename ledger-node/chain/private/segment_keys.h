// Whom the content keys of sealed segments are wrapped for: private.db's segment_key. Rows stand outside the
// commitment, so that a reader can be added later. docs/format/sealed.md, docs/format/private.md.
#pragma once

#include "core/store/database.h"

namespace lotmark::chain {

struct SegmentKey {
  std::uint64_t segment = 0;  // index in its record
  KeyId reader;               // kid of the reader's encryption key
  Bytes recipient;            // COSE_recipient
  std::uint64_t made = 0;     // ms UTC
  std::optional<std::uint64_t> until =
      {};  // ms UTC: from then on it is given to nobody; null: no end

  bool over(std::uint64_t now_ms) const { return until && *until <= now_ms; }
};

// One reader's share of all sealed segments.
struct ReaderShare {
  KeyId reader;
  std::uint64_t segments = 0;
  std::uint64_t first = 0, last = 0;        // when the first and the newest were wrapped, ms UTC
  std::uint64_t ending = 0;                 // how many have an end
  std::optional<std::uint64_t> until = {};  // the latest of these ends, ms UTC
};

class SegmentKeys {
 public:
  // `db` (private.db) must outlive it.
  explicit SegmentKeys(const store::Database& db) : db_(&db) {}

  // Put in place of what the same reader had of that segment.
  Status put(const Digest& commitment, const SegmentKey& key);
  Status put(const Digest& commitment, const std::vector<SegmentKey>& keys);
  // Takes a reader's away; false if there was none.
  Result<bool> take(const Digest& commitment, std::uint64_t segment, const KeyId& reader);
  // Of steps that are prepared and not signed: they go with their drafts.
  Status drop_unsigned(const Digest& start, std::string_view step);
  // Of no record and no step that waits: in a copy that ended before these came.
  Status drop_left_over();

  Result<std::optional<SegmentKey>> find(const Digest& commitment, std::uint64_t segment,
                                         const KeyId& reader) const;
  // All of a record, or of one reader in it; in order of the segments.
  Result<std::vector<SegmentKey>> of(const Digest& commitment,
                                     const std::optional<KeyId>& reader = {}) const;
  Result<std::vector<ReaderShare>> shares() const;

 private:
  const store::Database* db_;
};

}  // namespace lotmark::chain
