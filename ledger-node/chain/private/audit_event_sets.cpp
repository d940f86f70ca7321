// Which events stand in which record: sets against records, spans against sets, entries against the records' segments.
// And the accesses of a period record against its segments of them.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/chain/private/access_sets.h"
#include "ledger-node/chain/private/audit_events.h"

namespace lotmark::chain {

namespace {

constexpr int kStraysMax = 100;  // spans that are named one by one
constexpr std::size_t kSetsKept = 8;

// Entries of the events of one segment, in their order.
struct EventSegment {
  std::uint64_t first = 0, last = 0;  // the lowest and the highest event
  merkle::CompactRange tree;
};

Status add_span(const store::Database& db, const EventSpan& span, EventSegment& out) {
  if (out.tree.size() == 0) out.first = span.first;
  if (span.at != out.tree.size() || (out.tree.size() != 0 && span.first <= out.last))
    return fail(Errc::kCorrupt, fmt::format("event {} does not follow the one before", span.first));
  if (out.tree.size() + span.count() > kEventsInSegment)
    return fail(Errc::kFieldRange, "has more than 4096 events");
  out.last = span.last;
  LM_ASSIGN(auto q, db.prepare("SELECT n, salt, sha, hash FROM event WHERE n BETWEEN ? AND ? ORDER "
                               "BY n"));
  q.bind(1, span.first).bind(2, span.last);
  for (std::uint64_t n = span.first; n <= span.last; ++n) {
    LM_ASSIGN(const bool row, q.step());
    if (!row || q.u64(0) != n) return fail(Errc::kNotFound, fmt::format("event {} is missing", n));
    const auto salt = Salt::from(q.blob(1));
    const auto sha = Digest::from(q.blob(2));
    const auto hash = Digest::from(q.blob(3));
    if (!salt || !sha || !hash)
      return fail(Errc::kCorrupt, fmt::format("salt, sha or hash of event {} is none", n));
    out.tree.append(merkle::leaf_hash(event_entry({n, *salt, *sha, *hash})));
  }
  return {};
}

class SegmentCheck {
 public:
  SegmentCheck(const store::Database& db, const EventHolder& holder, const EventFault& fault)
      : db_(db), holder_(holder), fault_(fault) {}

  Status run() {
    const auto set = read_event_set(db_, holder_.commitment);
    std::size_t used = 0;
    for (std::uint64_t i = 0; i < holder_.segments.size(); ++i) {
      const auto segment = decode<Segment>(holder_.segments[i]);
      if (holder_.all && segment && segment->name == kAccessName &&
          segment->media == kAccessMedia) {
        LM_TRY(check_accesses(i, *segment));
        continue;
      }
      if (!segment || segment->name != kEventsName || segment->media != kEventsMedia) {
        if (holder_.all) wrong(i, Errc::kFieldRange, "is no segment of events or accesses");
        continue;
      }
      if (segment->audience != Audience::kRegulator)
        wrong(i, Errc::kEnumUnknown, "is for another audience");
      const auto tree = read_event_tree(segment->content);
      if (!tree) {
        wrong(i, tree.code(), "holds no count and root");
      } else if (!set || !*set) {
        wrong(i, Errc::kNotFound,
              set ? "the set of its events is missing" : "the set of its events cannot be read");
      } else {
        LM_TRY(check(i, *tree, **set, used));
      }
    }
    if (set && *set && used != (*set)->size())
      fault_({"event_set",
              {},
              holder_.name,
              {},
              {},
              Errc::kCorrupt,
              "its spans name events of no segment",
              {}});
    return {};
  }

 private:
  void wrong(std::uint64_t segment, Errc e, const std::string& text) {
    fault_({"event_set",
            {},
            holder_.name,
            {},
            {},
            e,
            fmt::format("segment {}: {}", segment, text),
            {}});
  }

  Status check(std::uint64_t i, const EventTree& tree, const std::vector<EventSpan>& set,
               std::size_t& used) {
    EventSegment found;
    Status whole;
    for (; used < set.size() && set[used].segment == i; ++used) {
      if (whole) whole = add_span(db_, set[used], found);
    }
    if (!whole && whole.code() == Errc::kStore) return whole;
    const std::string where = fmt::format("segment {} of {}", i, holder_.name);
    if (!whole) {
      wrong(i, whole.code(), whole.error().text);
    } else if (found.tree.size() != tree.count) {
      wrong(i, Errc::kTreePath,
            fmt::format("counts {} events, its set names {}", tree.count, found.tree.size()));
    } else if (found.tree.root() != tree.root) {
      fault_({"event",
              found.first,
              {},
              {},
              {},
              Errc::kTreePath,
              fmt::format("sha, hash or salt of events {} to {} do not give the root of {}",
                          found.first, found.last, where),
              {}});
    }
    return {};
  }

  void wrong_accesses(std::uint64_t segment, Errc e, const std::string& text) {
    fault_({"access_span",
            {},
            holder_.name,
            {},
            {},
            e,
            fmt::format("segment {}: {}", segment, text),
            {}});
  }

  // docs/format/access.md.
  Status check_accesses(std::uint64_t i, const Segment& segment) {
    if (segment.audience != Audience::kRegulator)
      wrong_accesses(i, Errc::kEnumUnknown, "is for another audience");
    const auto tree = read_event_tree(segment.content);
    if (!tree) {
      wrong_accesses(i, tree.code(), "holds no count and root");
      return {};
    }
    const auto leaves = AccessSets(db_).leaves(holder_.commitment, i);
    if (!leaves) {
      if (leaves.code() == Errc::kStore) return leaves.error();
      wrong_accesses(i, leaves.code(), leaves.error().text);
      return {};
    }
    if (leaves->size() != tree->count) {
      wrong_accesses(
          i, Errc::kTreePath,
          fmt::format("counts {} accesses, its span names {}", tree->count, leaves->size()));
      return {};
    }
    merkle::CompactRange again;
    for (const auto& leaf : *leaves) again.append(merkle::leaf_hash(access_leaf_entry(leaf)));
    if (again.root() == tree->root) return {};
    fault_({"access",
            leaves->front().n,
            {},
            {},
            {},
            Errc::kTreePath,
            fmt::format("salt, by or sha of accesses {} to {} do not give the root of segment {} "
                        "of {}",
                        leaves->front().n, leaves->back().n, i, holder_.name),
            {}});
    return {};
  }

  const store::Database& db_;
  const EventHolder& holder_;
  const EventFault& fault_;
};

// ---- sets and spans -------------------------------------------------------------------------

class SetAudit {
 public:
  explicit SetAudit(AuditRun& run) : run_(run) {}

  Status audit() {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT commitment, start, spans FROM event_set"));
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) break;
      LM_TRY(check_set(q));
    }
    LM_ASSIGN(const auto spans, run_.count("event_span"));
    if (spans != matched_) LM_TRY(name_strays());
    return check_overlaps();
  }

 private:
  // What holds the set: a period record, a lot's record or a step that waits; nothing if nothing does.
  struct Holder {
    std::string name;
    bool placed = false;
  };
  Result<std::optional<Holder>> holder_of(const store::Query& set) const {
    if (set.is_null(1)) {
      LM_ASSIGN(auto q, run_.db.prepare("SELECT period FROM period_record WHERE commitment = ?"));
      LM_ASSIGN(const bool row, q.bind_column(1, set, 0).step());
      if (!row) return std::optional<Holder>();
      return std::optional(Holder{fmt::format("period record {}", q.u64(0)), true});
    }
    LM_ASSIGN(auto q, run_.db.prepare("SELECT r.n, b.lot FROM record r JOIN batch b USING(start) "
                                      "WHERE r.start = ?2 AND r.commitment = ?1"));
    LM_ASSIGN(const bool placed, q.bind_column(1, set, 0).bind_column(2, set, 1).step());
    if (placed)
      return std::optional(Holder{fmt::format("record {} of lot {}", q.u64(0), q.text(1)), true});
    LM_ASSIGN(auto w, run_.db.prepare("SELECT w.step, b.lot FROM waiting w JOIN batch b "
                                      "USING(start) WHERE w.start = ?2 AND w.commitment = ?1"));
    LM_ASSIGN(const bool waits, w.bind_column(1, set, 0).bind_column(2, set, 1).step());
    if (!waits) return std::optional<Holder>();
    return std::optional(Holder{fmt::format("waiting step {} of lot {}", w.text(0), w.text(1))});
  }

  void fault(const std::string& holder, Errc e, std::string text) {
    run_.fault({"event_set", {}, holder, {}, {}, e, std::move(text), {}});
  }

  Status check_set(const store::Query& set) {
    const auto commitment = Digest::from(set.blob(0));
    LM_ASSIGN(const auto holder, holder_of(set));
    if (!holder || !commitment) {
      fault(commitment ? short_hex(*commitment) : "no id", Errc::kCorrupt,
            "its commitment and start are of no record and no waiting step");
      return {};
    }
    const auto spans = decode_spans(set.blob(2));
    if (!spans) {
      fault(holder->name, spans.code(), "its spans cannot be read");
      return {};
    }
    if (!holder->placed) return {};
    for (const auto& span : *spans) LM_TRY(check_span(*holder, *commitment, span));
    return {};
  }

  Status check_span(const Holder& holder, const Digest& commitment, const EventSpan& s) {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT last, commitment, segment, at FROM event_span WHERE "
                                      "first = ?"));
    LM_ASSIGN(const bool row, q.bind(1, s.first).step());
    const auto wrong = [&](Errc e, const std::string& text) {
      run_.fault({"event_span", s.first, {}, {}, {}, e, text + holder.name, {}});
    };
    matched_ += row ? 1 : 0;
    if (!row) {
      wrong(Errc::kNotFound, "is missing, it is in the set of ");
    } else if (q.u64(0) != s.last || Digest::from(q.blob(1)) != commitment ||
               q.u64(2) != s.segment || q.u64(3) != s.at) {
      wrong(Errc::kCorrupt, "last, commitment, segment or at is another than in the set of ");
    }
    return {};
  }

  // Events of a few sets at a time, sorted: rows of several records may alternate.
  const std::vector<std::uint64_t>& firsts_of(const Digest& commitment) {
    if (const auto known = firsts_.find(commitment); known != firsts_.end()) return known->second;
    if (firsts_.size() >= kSetsKept) firsts_.clear();
    auto& out = firsts_[commitment];
    const auto set = read_event_set(run_.db, commitment);
    if (!set || !*set) return out;
    for (const auto& s : **set) out.push_back(s.first);
    std::ranges::sort(out);
    return out;
  }

  // Sets whose rows are all there leave these over.
  Status name_strays() {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT first, commitment FROM event_span ORDER BY first"));
    for (int named = 0; named < kStraysMax;) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) return {};
      const auto commitment = Digest::from(q.blob(1));
      if (commitment && std::ranges::binary_search(firsts_of(*commitment), q.u64(0))) continue;
      ++named;
      run_.fault({"event_span",
                  q.u64(0),
                  {},
                  {},
                  {},
                  Errc::kCorrupt,
                  "its first and commitment are of no set",
                  {}});
    }
    return {};
  }

  // An event stands in one record.
  Status check_overlaps() {
    LM_ASSIGN(auto q, run_.db.prepare("SELECT first FROM (SELECT first, lag(last) OVER (ORDER BY "
                                      "first) AS before FROM event_span) WHERE before >= first "
                                      "LIMIT ?"));
    q.bind(1, kStraysMax);
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) return {};
      run_.fault({"event_span",
                  q.u64(0),
                  {},
                  {},
                  {},
                  Errc::kCorrupt,
                  "an event of it stands in the span before too",
                  {}});
    }
  }

  AuditRun& run_;
  std::uint64_t matched_ = 0;
  std::map<Digest, std::vector<std::uint64_t>> firsts_;
};

}  // namespace

Result<std::optional<std::vector<EventSpan>>> read_event_set(const store::Database& db,
                                                             const Digest& commitment) {
  LM_ASSIGN(auto q, db.prepare("SELECT spans FROM event_set WHERE commitment = ?"));
  LM_ASSIGN(const bool row, q.bind(1, commitment).step());
  if (!row) return std::optional<std::vector<EventSpan>>();
  LM_ASSIGN(auto spans, decode_spans(q.blob(0)));
  return std::optional(std::move(spans));
}

Status check_event_segments(const store::Database& db, const EventHolder& holder,
                            const EventFault& fault) {
  return SegmentCheck(db, holder, fault).run();
}

Status audit_event_sets(AuditRun& run) { return SetAudit(run).audit(); }

}  // namespace lotmark::chain
