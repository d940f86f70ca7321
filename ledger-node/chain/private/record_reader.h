// One record by its commitment, and whom its sealed segments are wrapped for, as they are given out
// (docs/format/sealed.md). Reads private.db alone; in the thread of its database.
#pragma once

#include "core/base/clock.h"
#include "core/store/database.h"
#include "core/wire/private_level.h"

namespace lotmark::chain {

// A record that is placed: of a lot's private chain, or of the organisation's period chain.
struct KeptRecord {
  std::optional<Digest> start;  // the lot's start signal; none: a period record
  std::uint64_t period = 0;     // of a period record
  RecordHead head;
  std::vector<Bytes> segments;  // entries
};

struct KeptRecipient {
  Bytes recipient;                     // COSE_recipient
  std::optional<std::uint64_t> until;  // ms UTC: from then on it is not given out; none: no end
};

class RecordReader {
 public:
  // `db` outlives it.
  explicit RecordReader(const store::Database& db) : db_(db) {}

  // Nothing where no such record is placed. corrupt if a row cannot be read.
  Result<std::optional<KeptRecord>> find(const Digest& commitment) const;
  // Nothing where there is none for this reader, or its end is at `now` or before.
  Result<std::optional<KeptRecipient>> recipient(const Digest& commitment, std::uint64_t segment,
                                                 const KeyId& reader, Time now) const;

 private:
  const store::Database& db_;
};

}  // namespace lotmark::chain
