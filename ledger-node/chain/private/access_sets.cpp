#include "ledger-node/chain/private/access_sets.h"

#include <algorithm>

#include "core/wire/cbor_writer.h"

namespace lotmark::chain {

Bytes access_leaf_entry(const AccessLeaf& leaf) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(leaf.salt.view());
    w.bytes(leaf.by.view());
    w.bytes(leaf.sha.view());
  });
}

Result<std::vector<AccessLeaf>> AccessSets::read(store::Query& q) {
  std::vector<AccessLeaf> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    AccessLeaf leaf;
    leaf.n = q.u64(0);
    LM_ASSIGN(leaf.salt, q.fixed<Salt>(1));
    LM_ASSIGN(leaf.by, q.fixed<KeyId>(2));
    LM_ASSIGN(leaf.sha, q.fixed<Digest>(3));
    out.push_back(leaf);
  }
}

Result<std::uint64_t> AccessSets::placed() const {
  LM_ASSIGN(auto q, db_->prepare("SELECT coalesce(max(last), 0) FROM access_span"));
  LM_TRY(q.step());
  return q.u64(0);
}

Result<std::vector<AccessLeaf>> AccessSets::behind(std::uint64_t after, std::uint64_t limit) const {
  LM_ASSIGN(auto q,
            db_->prepare("SELECT n, salt, by, sha FROM access WHERE n > ? ORDER BY n LIMIT ?"));
  q.bind(1, after).bind(2, limit);
  return read(q);
}

Status AccessSets::place(const Digest& commitment, const std::vector<AccessSpan>& spans) const {
  LM_ASSIGN(std::uint64_t last, placed());
  LM_ASSIGN(auto between, db_->prepare("SELECT 1 FROM access WHERE n > ? AND n < ? LIMIT 1"));
  for (const auto& s : spans) {
    LM_ASSIGN(const auto before, last_span_to(s.last));
    LM_ASSIGN(const bool passed, between.bind(1, last).bind(2, s.first).step());
    between.reset();
    if (passed || s.last < s.first || (before && before->last >= s.first))
      return fail(Errc::kConflict, "entries of the access log are placed out of their order");
    LM_ASSIGN(auto q, db_->prepare("INSERT INTO access_span(first, last, commitment, segment) "
                                   "VALUES(?, ?, ?, ?)"));
    q.bind(1, s.first).bind(2, s.last).bind(3, commitment).bind(4, s.segment);
    LM_TRY(q.run());
    last = std::max(last, s.last);
  }
  return {};
}

// The span that begins last of those that begin at row `n` or before.
Result<std::optional<AccessSets::Run>> AccessSets::last_span_to(std::uint64_t n) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT first, last FROM access_span WHERE first <= ? ORDER BY "
                                 "first DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, n).step());
  return row ? std::optional(Run{q.u64(0), q.u64(1)}) : std::nullopt;
}

Result<std::vector<AccessSets::Run>> AccessSets::left_behind(std::size_t limit) const {
  LM_ASSIGN(auto spans, db_->prepare("SELECT first, last FROM access_span ORDER BY first"));
  LM_ASSIGN(auto rows, db_->prepare("SELECT n FROM access WHERE n > ? AND n < ? ORDER BY n"));
  std::vector<Run> out;
  for (std::uint64_t before = 0; out.size() < limit;) {
    LM_ASSIGN(const bool span, spans.step());
    if (!span) break;
    rows.bind(1, before).bind(2, spans.u64(0));
    while (spans.u64(0) > before + 1 && out.size() < limit) {
      LM_ASSIGN(const bool row, rows.step());
      if (!row) break;
      const std::uint64_t n = rows.u64(0);
      if (!out.empty() && out.back().last + 1 == n) out.back().last = n;
      else out.push_back({n, n});
    }
    rows.reset();
    before = std::max(before, spans.u64(1));
  }
  return out;
}

Result<std::vector<AccessLeaf>> AccessSets::leaves(const Digest& commitment,
                                                   std::uint64_t segment) const {
  LM_ASSIGN(auto span, db_->prepare("SELECT first, last FROM access_span WHERE commitment = ? AND "
                                    "segment = ?"));
  LM_ASSIGN(const bool there, span.bind(1, commitment).bind(2, segment).step());
  if (!there) return std::vector<AccessLeaf>();
  const std::uint64_t first = span.u64(0), last = span.u64(1);
  if (last < first || last - first >= kAccessInSegment)
    return fail(Errc::kCorrupt, "a span of accesses goes from " + std::to_string(first) + " to " +
                                    std::to_string(last));
  LM_ASSIGN(auto q, db_->prepare("SELECT n, salt, by, sha FROM access WHERE n BETWEEN ? AND ? "
                                 "ORDER BY n"));
  q.bind(1, first).bind(2, last);
  LM_ASSIGN(auto rows, read(q));
  if (rows.size() != last - first + 1)
    return fail(Errc::kCorrupt, "accesses " + std::to_string(first) + " to " +
                                    std::to_string(last) + " are not all there");
  return rows;
}

Result<std::optional<AccessSets::Place>> AccessSets::place_of(std::uint64_t n) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT first, last, commitment, segment FROM access_span WHERE "
                                 "first <= ? ORDER BY first DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, n).step());
  if (!row || q.u64(1) < n) return std::optional<Place>();
  Place p;
  LM_ASSIGN(p.commitment, q.fixed<Digest>(2));
  p.segment = q.u64(3);
  p.at = n - q.u64(0);
  return std::optional(p);
}

}  // namespace lotmark::chain
