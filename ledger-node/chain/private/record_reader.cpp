#include "ledger-node/chain/private/record_reader.h"

#include "core/wire/codec.h"
#include "ledger-node/chain/private/batch_store.h"

namespace lotmark::chain {

namespace {

// Head and segments stand in columns `first` and `first` + 1.
Result<KeptRecord> read_kept(const store::Query& q, int first) {
  KeptRecord out;
  LM_ASSIGN(out.head, decode<RecordHead>(q.blob(first)));
  LM_ASSIGN(out.segments, decode_segments(q.blob(first + 1)));
  if (out.segments.size() != out.head.segments)
    return fail(Errc::kCorrupt, "a record has another number of segments than its head says");
  return out;
}

}  // namespace

Result<std::optional<KeptRecord>> RecordReader::find(const Digest& commitment) const {
  LM_ASSIGN(auto lot, db_.prepare("SELECT start, head, segments FROM record WHERE commitment = ?"));
  LM_ASSIGN(const bool of_lot, lot.bind(1, commitment).step());
  if (of_lot) {
    LM_ASSIGN(auto out, read_kept(lot, 1));
    LM_ASSIGN(out.start, lot.fixed<Digest>(0));
    return std::optional(std::move(out));
  }
  LM_ASSIGN(auto own,
            db_.prepare("SELECT period, head, segments FROM period_record WHERE commitment = ?"));
  LM_ASSIGN(const bool of_period, own.bind(1, commitment).step());
  if (!of_period) return std::optional<KeptRecord>();
  LM_ASSIGN(auto out, read_kept(own, 1));
  out.period = own.u64(0);
  return std::optional(std::move(out));
}

Result<std::optional<KeptRecipient>> RecordReader::recipient(const Digest& commitment,
                                                             std::uint64_t segment,
                                                             const KeyId& reader, Time now) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT recipient, until FROM segment_key WHERE commitment = ? AND "
                                "segment = ? AND reader = ? AND (until IS NULL OR until > ?)"));
  q.bind(1, commitment).bind(2, segment).bind(3, reader).bind(4, to_ms(now));
  LM_ASSIGN(const bool row, q.step());
  if (!row) return std::optional<KeptRecipient>();
  KeptRecipient out{to_bytes(q.blob(0)), {}};
  if (!q.is_null(1)) out.until = q.u64(1);
  return std::optional(std::move(out));
}

}  // namespace lotmark::chain
