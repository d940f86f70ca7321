#include "ledger-node/chain/private/segment_keys.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kSegmentKeyColumns =
    "SELECT segment, reader, recipient, made, until FROM segment_key WHERE commitment = ? ";

Result<SegmentKey> segment_key_of(const store::Query& q) {
  SegmentKey k;
  k.segment = q.u64(0);
  LM_ASSIGN(k.reader, q.fixed<KeyId>(1));
  k.recipient = to_bytes(q.blob(2));
  k.made = q.u64(3);
  if (!q.is_null(4)) k.until = q.u64(4);
  return k;
}

}  // namespace

Status SegmentKeys::put(const Digest& commitment, const SegmentKey& k) {
  LM_ASSIGN(auto q,
            db_->prepare("INSERT INTO segment_key(commitment, segment, reader, recipient, made, "
                         "until) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(commitment, segment, reader) "
                         "DO UPDATE SET recipient = excluded.recipient, made = excluded.made, "
                         "until = excluded.until"));
  q.bind(1, commitment).bind(2, k.segment).bind(3, k.reader).bind(4, k.recipient).bind(5, k.made);
  return q.bind(6, k.until).run();
}

Status SegmentKeys::put(const Digest& commitment, const std::vector<SegmentKey>& keys) {
  for (const auto& k : keys) LM_TRY(put(commitment, k));
  return {};
}

Result<bool> SegmentKeys::take(const Digest& commitment, std::uint64_t segment,
                               const KeyId& reader) {
  LM_ASSIGN(const auto there, find(commitment, segment, reader));
  if (!there) return false;
  LM_ASSIGN(auto q, db_->prepare("DELETE FROM segment_key WHERE commitment = ? AND segment = ? AND "
                                 "reader = ?"));
  LM_TRY(q.bind(1, commitment).bind(2, segment).bind(3, reader).run());
  return true;
}

Status SegmentKeys::drop_unsigned(const Digest& start, std::string_view step) {
  LM_ASSIGN(auto q, db_->prepare("DELETE FROM segment_key WHERE commitment IN (SELECT commitment "
                                 "FROM waiting WHERE start = ? AND step = ? AND object IS NULL)"));
  return q.bind(1, start).bind(2, step).run();
}

Status SegmentKeys::drop_left_over() {
  return db_->exec(
      "DELETE FROM segment_key WHERE commitment NOT IN (SELECT commitment FROM record UNION ALL "
      "SELECT commitment FROM waiting)");
}

Result<std::optional<SegmentKey>> SegmentKeys::find(const Digest& commitment, std::uint64_t segment,
                                                    const KeyId& reader) const {
  LM_ASSIGN(auto q,
            db_->prepare(std::string(kSegmentKeyColumns) + "AND segment = ? AND reader = ?"));
  LM_ASSIGN(const bool row, q.bind(1, commitment).bind(2, segment).bind(3, reader).step());
  if (!row) return std::optional<SegmentKey>();
  LM_ASSIGN(auto key, segment_key_of(q));
  return std::optional(std::move(key));
}

Result<std::vector<SegmentKey>> SegmentKeys::of(const Digest& commitment,
                                                const std::optional<KeyId>& reader) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kSegmentKeyColumns) +
                                 (reader ? "AND reader = ? " : "") + "ORDER BY segment, reader"));
  q.bind(1, commitment);
  if (reader) q.bind(2, *reader);
  std::vector<SegmentKey> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto key, segment_key_of(q));
    out.push_back(std::move(key));
  }
}

Result<std::vector<ReaderShare>> SegmentKeys::shares() const {
  LM_ASSIGN(auto q, db_->prepare("SELECT reader, count(*), min(made), max(made), count(until), "
                                 "max(until) FROM segment_key GROUP BY reader ORDER BY reader"));
  std::vector<ReaderShare> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    auto& s = out.emplace_back();
    LM_ASSIGN(s.reader, q.fixed<KeyId>(0));
    s.segments = q.u64(1);
    s.first = q.u64(2);
    s.last = q.u64(3);
    s.ending = q.u64(4);
    if (!q.is_null(5)) s.until = q.u64(5);
  }
}

}  // namespace lotmark::chain
