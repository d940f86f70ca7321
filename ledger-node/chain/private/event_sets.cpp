#include "ledger-node/chain/private/event_sets.h"

#include <algorithm>

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kSpansMax = 1u << 20;
constexpr std::string_view kLeaf =
    "SELECT e.n, e.salt, e.sha, e.hash FROM event_pending p JOIN event e USING(n) ";

// Integers of an array of exactly so many.
template <std::size_t N>
Result<std::array<std::uint64_t, N>> numbers(const CborValue& v) {
  if (v.type() != CborType::kArray || v.count() != N) return Errc::kFieldType;
  std::array<std::uint64_t, N> out{};
  CborValue at = v.first();
  for (std::size_t i = 0; i < N; ++i, at = at.next()) {
    if (at.type() != CborType::kInt) return Errc::kFieldType;
    if (at.integer() < 0) return Errc::kFieldRange;
    out[i] = static_cast<std::uint64_t>(at.integer());
  }
  return out;
}

}  // namespace

Bytes event_entry(const EventLeaf& leaf) {
  return encode_event_entry(leaf.salt, leaf.sha, leaf.hash);
}

Bytes encode_event_tree(const merkle::CompactRange& tree) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(2);
    w.uint(tree.size());
    w.bytes(tree.root().view());
  });
}

Result<EventTree> read_event_tree(ByteView content) {
  LM_ASSIGN(const auto tree, lotmark::read_event_tree(content));
  return EventTree{tree.size, tree.root};
}

void add_to_spans(std::vector<EventSpan>& spans, std::uint64_t segment, std::uint64_t at,
                  std::uint64_t n) {
  if (!spans.empty() && spans.back().segment == segment && spans.back().last + 1 == n) {
    spans.back().last = n;
    return;
  }
  spans.push_back({segment, at, n, n});
}

Bytes encode_spans(const std::vector<EventSpan>& spans) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(spans.size());
    for (const auto& s : spans) {
      w.array(4);
      w.uint(s.segment);
      w.uint(s.at);
      w.uint(s.first);
      w.uint(s.last);
    }
  });
}

Result<std::vector<EventSpan>> decode_spans(ByteView bytes) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, kSpansMax * 5));
  const CborValue list = doc.root();
  if (list.type() != CborType::kArray) return Errc::kFieldType;
  std::vector<EventSpan> out;
  if (list.count() == 0) return out;
  CborValue v = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, v = v.next()) {
    LM_ASSIGN(const auto x, numbers<4>(v));
    if (x[2] > x[3]) return Errc::kFieldRange;
    out.push_back({x[0], x[1], x[2], x[3]});
  }
  return out;
}

Result<std::vector<EventLeaf>> EventSets::read(store::Query& q) const {
  std::vector<EventLeaf> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    EventLeaf leaf;
    leaf.n = q.u64(0);
    LM_ASSIGN(leaf.salt, q.fixed<Salt>(1));
    LM_ASSIGN(leaf.sha, q.fixed<Digest>(2));
    LM_ASSIGN(leaf.hash, q.fixed<Digest>(3));
    out.push_back(leaf);
  }
}

Result<std::vector<EventLeaf>> EventSets::pending_of(const Digest& start, std::uint64_t after,
                                                     std::uint64_t limit) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kLeaf) +
                                 "WHERE p.start = ? AND p.n > ? ORDER BY p.n LIMIT ?"));
  q.bind(1, start).bind(2, after).bind(3, limit);
  return read(q);
}

Result<std::vector<EventLeaf>> EventSets::pending(std::uint64_t after, std::uint64_t limit) const {
  LM_ASSIGN(auto q, db_->prepare(std::string(kLeaf) +
                                 "WHERE p.start IS NULL AND p.n > ? ORDER BY p.n LIMIT ?"));
  q.bind(1, after).bind(2, limit);
  return read(q);
}

// Asked at each tick: what changes nothing must not wait for other writers.
Status EventSets::release(const Digest& start) const {
  LM_ASSIGN(auto any, db_->prepare("SELECT 1 FROM event_pending WHERE start = ? LIMIT 1"));
  LM_ASSIGN(const bool waits, any.bind(1, start).step());
  if (!waits) return {};
  any.reset();
  LM_ASSIGN(auto q, db_->prepare("UPDATE event_pending SET start = NULL WHERE start = ?"));
  return q.bind(1, start).run();
}

// A set whose row of `waiting` or `record` is gone keeps its events: that row may come back.
Result<std::vector<EventSpan>> EventSets::spoken_for(const Digest& start) const {
  LM_ASSIGN(
      auto q,
      db_->prepare("SELECT spans FROM event_set s WHERE start = ? AND NOT EXISTS(SELECT 1 FROM "
                   "waiting w WHERE w.commitment = s.commitment AND w.object IS NULL)"));
  q.bind(1, start);
  std::vector<EventSpan> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    const auto spans = decode_spans(q.blob(0));
    if (!spans)
      return fail(Errc::kCorrupt, "a set of events of a step: " + spans.error().message());
    out.insert(out.end(), spans->begin(), spans->end());
  }
  std::ranges::sort(out, {}, &EventSpan::first);
  return out;
}

Result<std::uint64_t> EventSets::release_unspoken(const Digest& start, std::uint64_t limit) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT n FROM event_pending WHERE start = ? ORDER BY n"));
  LM_ASSIGN(bool row, q.bind(1, start).step());
  if (!row) return 0;
  LM_ASSIGN(const auto spoken, spoken_for(start));
  std::vector<std::uint64_t> free;
  auto span = spoken.begin();
  while (row && free.size() < limit) {
    const std::uint64_t n = q.u64(0);
    while (span != spoken.end() && span->last < n) ++span;
    if (span == spoken.end() || n < span->first) free.push_back(n);
    LM_ASSIGN(row, q.step());
  }
  q.reset();
  if (free.empty()) return 0;
  LM_TRY(db_->transaction([&]() -> Status {
    LM_ASSIGN(auto put, db_->prepare("UPDATE event_pending SET start = NULL WHERE n = ?"));
    for (const auto n : free) LM_TRY(put.bind(1, n).run());
    return {};
  }));
  return free.size();
}

Status EventSets::draft(const Digest& commitment, const std::optional<Digest>& start,
                        const std::vector<EventSpan>& spans) const {
  if (spans.empty()) return {};
  LM_ASSIGN(auto q,
            db_->prepare("INSERT INTO event_set(commitment, start, spans) VALUES(?, ?, ?)"));
  return q.bind(1, commitment).bind(2, start).bind(3, encode_spans(spans)).run();
}

Result<std::vector<EventSpan>> EventSets::spans_of(const Digest& commitment) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT spans FROM event_set WHERE commitment = ?"));
  LM_ASSIGN(const bool row, q.bind(1, commitment).step());
  if (!row) return std::vector<EventSpan>();
  return decode_spans(q.blob(0));
}

Status EventSets::place(const Digest& commitment) const {
  LM_ASSIGN(const auto spans, spans_of(commitment));
  for (const auto& s : spans) {
    LM_ASSIGN(auto gone, db_->prepare("DELETE FROM event_pending WHERE n BETWEEN ? AND ?"));
    LM_TRY(gone.bind(1, s.first).bind(2, s.last).run());
    if (static_cast<std::uint64_t>(db_->changes()) != s.count())
      return fail(Errc::kConflict, "an event of this record stands in another one");
    LM_ASSIGN(auto q, db_->prepare("INSERT INTO event_span(first, last, commitment, segment, at) "
                                   "VALUES(?, ?, ?, ?, ?)"));
    q.bind(1, s.first).bind(2, s.last).bind(3, commitment).bind(4, s.segment).bind(5, s.at);
    LM_TRY(q.run());
  }
  return {};
}

Result<bool> EventSets::all_wait(const Digest& commitment) const {
  LM_ASSIGN(const auto spans, spans_of(commitment));
  // Those that were released may stand in a period record that is being gathered.
  LM_ASSIGN(auto q, db_->prepare("SELECT count(*) FROM event_pending WHERE n BETWEEN ?1 AND ?2 AND "
                                 "start IS (SELECT start FROM event_set WHERE commitment = ?3)"));
  for (const auto& s : spans) {
    q.reset();
    LM_ASSIGN(const bool row, q.bind(1, s.first).bind(2, s.last).bind(3, commitment).step());
    if (!row || q.u64(0) != s.count()) return false;
  }
  return true;
}

Result<bool> EventSets::overlap(const Digest& commitment, const Digest& other) const {
  LM_ASSIGN(const auto a, spans_of(commitment));
  LM_ASSIGN(const auto b, spans_of(other));
  for (const auto& x : a) {
    for (const auto& y : b) {
      if (x.first <= y.last && y.first <= x.last) return true;
    }
  }
  return false;
}

Result<std::vector<EventLeaf>> EventSets::leaves(const Digest& commitment,
                                                 std::uint64_t segment) const {
  LM_ASSIGN(const auto spans, spans_of(commitment));
  std::vector<EventLeaf> out;
  for (const auto& s : spans) {
    if (s.segment != segment) continue;
    LM_ASSIGN(auto q, db_->prepare("SELECT n, salt, sha, hash FROM event WHERE n BETWEEN ? AND ? "
                                   "ORDER BY n"));
    q.bind(1, s.first).bind(2, s.last);
    LM_ASSIGN(auto rows, read(q));
    if (s.at != out.size() || rows.size() != s.count())
      return fail(Errc::kCorrupt, "events " + std::to_string(s.first) + " to " +
                                      std::to_string(s.last) + " are not all there");
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

Result<std::optional<EventSets::Place>> EventSets::place_of(std::uint64_t n) const {
  LM_ASSIGN(auto q, db_->prepare("SELECT s.last, s.commitment, t.start, s.segment, s.at + ?1 - "
                                 "s.first FROM event_span s JOIN event_set t USING(commitment) "
                                 "WHERE s.first <= ?1 ORDER BY s.first DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, n).step());
  if (!row || q.u64(0) < n) return std::optional<Place>();
  Place p;
  LM_ASSIGN(p.commitment, q.fixed<Digest>(1));
  if (!q.is_null(2)) {
    LM_ASSIGN(p.start, q.fixed<Digest>(2));
  }
  p.segment = q.u64(3);
  p.at = q.u64(4);
  return std::optional(p);
}

}  // namespace lotmark::chain
