// The one place where a sealed segment of a record is opened (docs/format/sealed.md). What was opened lives in memory
// alone: nobody may write it to a disk.
#pragma once

#include <memory>

#include "core/sealed/recipient.h"
#include "core/sealed/segment.h"
#include "core/store/database.h"
#include "core/wire/private_level.h"

namespace lotmark::chain {

// Private keys that segments may be wrapped for. Shared, since a key neither copies nor moves while it is used.
using OpeningKeys = std::vector<std::shared_ptr<const sealed::OpeningKey>>;

// `segment` as it is, or opened by one of `keys` and what is wrapped for it. seal-reader if it is sealed and `keys` hold
// none that `recipients` name; seal if it does not hold.
Result<Segment> open_by(const Digest& chain, Segment segment, const std::vector<Bytes>& recipients,
                        const OpeningKeys& keys);

class SegmentReader {
 public:
  // `db`, which outlives it, is a private.db: its segment_key says what is wrapped for whom.
  SegmentReader(const store::Database& db, const Digest& chain, OpeningKeys keys)
      : db_(&db), chain_(chain), keys_(std::move(keys)) {}

  // Segment `i` of a record as its author meant it. As open_by, or the error of an entry that cannot be read.
  Result<Segment> read(const Digest& commitment, std::uint64_t i, ByteView entry) const;
  // The content key of a sealed one, proven to open it.
  Result<sealed::ContentKey> content_key(const Digest& commitment, std::uint64_t i,
                                         const Segment& sealed) const;
  const OpeningKeys& keys() const { return keys_; }

 private:
  const store::Database* db_;
  Digest chain_;
  OpeningKeys keys_;
};

}  // namespace lotmark::chain
