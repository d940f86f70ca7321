#include "core/wire/checks.h"

#include <set>

#include "core/crypto/p256.h"
#include "core/wire/limits.h"

namespace lotmark::checks {

namespace {

bool sized(const std::string& s, std::size_t min, std::size_t max) {
  return s.size() >= min && s.size() <= max;
}

// Neighbouring pairs from the front: equal is a duplicate, falling a wrong order.
template <class List, class Key>
Errc ascending(const List& list, Key key) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (key(list[i]) == key(list[i - 1])) return Errc::kListDuplicate;
    if (key(list[i]) < key(list[i - 1])) return Errc::kListOrder;
  }
  return Errc::kOk;
}

template <class List, class Key>
bool has_duplicate(const List& list, Key key) {
  std::set<std::decay_t<decltype(key(list[0]))>> seen;
  for (const auto& x : list) {
    if (!seen.insert(key(x)).second) return true;
  }
  return false;
}

const auto kSelf = [](const auto& x) { return x; };

Errc gaps(const std::vector<DeclaredGap>& list) {
  if (list.size() > limits::kGaps) return Errc::kBundleGaps;
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i].from < list[i - 1].from) return Errc::kTimeOrder;
  }
  return Errc::kOk;
}

bool anchored(const std::optional<Checkpoint>& c) { return !c || c->size >= 1; }

std::uint64_t count_of(const ChannelAnnotation& a) {
  if (const auto* q = std::get_if<merkle::Annotation>(&a)) return q->count;
  if (const auto* c = std::get_if<CountAnnotation>(&a)) return c->count;
  return 0;
}

// from and to span readings and declared gaps; of none, both are `made`.
Errc span(const Bundle& b) {
  bool any = false;
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;
  const auto widen = [&](std::uint64_t from, std::uint64_t to) {
    lo = any ? std::min(lo, from) : from;
    hi = any ? std::max(hi, to) : to;
    any = true;
  };
  for (const auto& g : b.gaps) widen(g.from, g.to);
  for (const auto& c : b.channels) {
    if (const auto* q = std::get_if<merkle::Annotation>(&c.annotation))
      widen(q->t_first, q->t_last);
    if (const auto* n = std::get_if<CountAnnotation>(&c.annotation)) widen(n->t_first, n->t_last);
  }
  if (!any) lo = hi = b.made;
  return lo == b.from && hi == b.to ? Errc::kOk : Errc::kTimeOrder;
}

}  // namespace

#define LM_CHECK(cond, code)  \
  do {                        \
    if (!(cond)) return code; \
  } while (false)
#define LM_PASS(expr)                                 \
  do {                                                \
    if (Errc e_ = (expr); e_ != Errc::kOk) return e_; \
  } while (false)

Errc joined(const Checkpoint& /*v*/, const KeyId* /*signer*/) { return Errc::kOk; }

Errc joined(const merkle::Annotation& v, const KeyId* /*signer*/) {
  return merkle::check(v).code();
}

Errc joined(const CountAnnotation& v, const KeyId* /*signer*/) {
  return v.count >= 1 && v.t_first <= v.t_last && (v.count > 1 || v.t_first == v.t_last)
             ? Errc::kOk
             : Errc::kAnnotation;
}

Errc joined(const Start& v, const KeyId* signer) {
  LM_CHECK(sized(v.machine, 1, 64), Errc::kFieldRange);
  LM_CHECK(anchored(v.anchor), Errc::kFieldRange);
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  return Errc::kOk;
}

Errc joined(const Birth& v, const KeyId* signer) {
  LM_CHECK(v.sources.size() <= limits::kSources, Errc::kFieldRange);
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  return Errc::kOk;
}

Errc joined(const DeclaredGap& v, const KeyId* /*signer*/) {
  return v.from <= v.to ? Errc::kOk : Errc::kTimeOrder;
}

Errc joined(const Channel& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.name, 1, 32), Errc::kFieldRange);
  LM_CHECK(v.kind == ChannelKind::kQuantity || v.exp.value == 0, Errc::kExpRange);
  LM_CHECK(v.root.has_value() == (v.annotation.index() != 0), Errc::kAnnotation);
  return Errc::kOk;
}

Errc joined(const Bundle& v, const KeyId* signer) {
  LM_CHECK(v.seq >= 1, Errc::kFieldRange);
  LM_CHECK(anchored(v.anchor), Errc::kFieldRange);
  LM_PASS(gaps(v.gaps));
  LM_CHECK(v.alarms.size() <= limits::kAlarms, Errc::kFieldRange);
  LM_CHECK(v.channels.size() <= limits::kChannels, Errc::kBundleChannels);
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  LM_CHECK(!has_duplicate(v.channels, [](const Channel& c) { return c.name; }),
           Errc::kListDuplicate);
  for (const auto& g : v.gaps) {
    LM_CHECK(!g.channel || *g.channel < v.channels.size(), Errc::kFieldRange);
  }
  for (const auto& a : v.alarms) {
    LM_CHECK(!a.channel || *a.channel < v.channels.size(), Errc::kFieldRange);
  }
  LM_CHECK(v.from <= v.to, Errc::kTimeOrder);
  std::uint64_t readings = 0;
  for (const auto& c : v.channels) {
    LM_CHECK(count_of(c.annotation) <= limits::kReadings, Errc::kBundleReadings);
    readings += count_of(c.annotation);
  }
  LM_CHECK(readings <= limits::kReadings, Errc::kBundleReadings);
  return span(v);
}

Errc joined(const Gap& v, const KeyId* signer) {
  LM_CHECK(v.seq >= 1, Errc::kFieldRange);
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  LM_CHECK(v.last >= v.seq, Errc::kFieldRange);
  LM_CHECK(v.ack.has_value() == (v.reason == GapReason::kReceiverLost), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Ack& v, const KeyId* /*signer*/) {
  LM_CHECK(anchored(v.checkpoint), Errc::kFieldRange);
  LM_CHECK(v.refused.size() <= limits::kAckRefusals, Errc::kAckRefusals);
  for (const auto& r : v.refused) LM_CHECK(r.error >= 1 && r.error <= 65535, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Command& v, const KeyId* /*signer*/) {
  return v.from.has_value() == (v.command == CommandKind::kResend) ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const LineStep& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.label, 1, 64), Errc::kFieldRange);
  LM_CHECK(v.devices.size() <= 32 && v.channels.size() <= 32, Errc::kFieldRange);
  LM_CHECK(v.limits.min <= v.limits.max, Errc::kFieldRange);
  LM_CHECK(v.interval >= 1, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const LineFile& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.name, 1, 64), Errc::kFieldRange);
  LM_CHECK(!v.steps.empty() && v.steps.size() <= 64, Errc::kFieldRange);
  LM_CHECK(!has_duplicate(v.steps, [](const LineStep& s) { return s.label; }),
           Errc::kListDuplicate);
  return Errc::kOk;
}

Errc joined(const Claim& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.step, 1, 64), Errc::kFieldRange);
  LM_CHECK(sized(v.channel, 1, 32), Errc::kFieldRange);
  LM_PASS(gaps(v.gaps));
  LM_CHECK(v.start <= v.end, Errc::kClaim);
  LM_CHECK(v.tree_size >= 1 && v.tree_size <= v.annotation.count, Errc::kClaim);
  const auto start = static_cast<std::int64_t>(v.start);
  const auto end = static_cast<std::int64_t>(v.end);
  const auto edge =
      std::max({static_cast<std::int64_t>(v.annotation.t_first) - start,
                end - static_cast<std::int64_t>(v.annotation.t_last), std::int64_t{0}});
  LM_CHECK(static_cast<std::int64_t>(v.gap_edge) == edge, Errc::kClaim);
  LM_CHECK(v.limits.min <= v.limits.max, Errc::kClaim);
  return Errc::kOk;
}

Errc joined(const Segment& v, const KeyId* /*signer*/) {
  return v.content.size() <= limits::kSegmentContent ? Errc::kOk : Errc::kSegmentSize;
}

Errc joined(const RecordHead& v, const KeyId* /*signer*/) {
  return v.segments >= 1 && v.segments <= limits::kSegments ? Errc::kOk : Errc::kRecordSegments;
}

Errc joined(const Opening& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.programme, 1, 64), Errc::kFieldRange);
  LM_CHECK(!v.reviewers.empty() && v.reviewers.size() <= limits::kReviewers, Errc::kReviewersCount);
  LM_CHECK(!has_duplicate(v.reviewers, kSelf), Errc::kListDuplicate);
  LM_CHECK(v.slots.size() < limits::kTransactions, Errc::kOpeningCount);
  for (std::size_t i = 1; i < v.slots.size(); ++i) {
    LM_CHECK(v.slots[i] >= v.slots[i - 1], Errc::kTimeOrder);
  }
  return Errc::kOk;
}

Errc joined(const Application& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.programme, 1, 64), Errc::kFieldRange);
  LM_CHECK(sized(v.product, 1, 256), Errc::kFieldRange);
  LM_CHECK(anchored(v.items), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Report& v, const KeyId* /*signer*/) {
  LM_CHECK(v.findings.size() <= 256, Errc::kFieldRange);
  bool refuse = false;
  for (const auto& f : v.findings) {
    LM_CHECK((f.code >= 1 && f.code <= 16) || f.code == 100 || f.code == 101, Errc::kEnumUnknown);
    refuse = refuse || f.code < 100;
  }
  LM_CHECK(v.samples.size() <= 256, Errc::kFieldRange);
  for (const auto& s : v.samples) refuse = refuse || !s.ok;
  LM_CHECK(v.reports.size() <= 8, Errc::kFieldRange);
  LM_CHECK(!refuse || v.decision == Decision::kRefuse, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Release& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.number, 1, 64), Errc::kFieldRange);
  LM_CHECK(!v.reason || sized(*v.reason, 1, 256), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Block& v, const KeyId* /*signer*/) {
  return v.prev.has_value() == (v.number != 0) ? Errc::kOk : Errc::kBlockPrev;
}

Errc joined(const PeriodBody& v, const KeyId* /*signer*/) {
  for (const auto* list : {&v.heads, &v.enrolments, &v.transactions, &v.events}) {
    LM_CHECK(list->size() <= 1024, Errc::kFieldRange);
  }
  LM_CHECK(v.missing.size() <= 1024, Errc::kFieldRange);
  return ascending(v.missing, kSelf);
}

Errc joined(const Head& v, const KeyId* /*signer*/) {
  LM_CHECK(v.prior <= v.size, Errc::kFieldRange);
  LM_CHECK(v.path.size() <= limits::kPath, Errc::kPathLength);
  return Errc::kOk;
}

Errc joined(const Enrolment& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.name, 1, 64) && sized(v.organisation, 1, 64), Errc::kFieldRange);
  LM_CHECK(v.channels.size() <= limits::kChannels, Errc::kBundleChannels);
  for (const auto& c : v.channels) LM_CHECK(sized(c.name, 1, 32), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Member& v, const KeyId* /*signer*/) {
  LM_PASS(ascending(v.roles, kSelf));
  LM_CHECK(sized(v.organisation, 1, 64), Errc::kFieldRange);
  LM_CHECK(v.prefixes.size() <= 64, Errc::kFieldRange);
  for (const auto& p : v.prefixes) LM_CHECK(valid_prefix(p), Errc::kFieldRange);
  LM_CHECK(v.products.size() <= 256, Errc::kFieldRange);
  LM_CHECK(v.kid == key_id(v.public_key), Errc::kKeyBad);
  const int exclusive = static_cast<int>(v.has(Role::kKeeping)) +
                        static_cast<int>(v.has(Role::kReviewing)) +
                        static_cast<int>(v.has(Role::kSupervising));
  LM_CHECK(!v.roles.empty() && exclusive <= 1, Errc::kMemberRoles);
  return Errc::kOk;
}

Errc joined(const ProgrammeLimit& v, const KeyId* /*signer*/) {
  return v.min <= v.max ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const Programme& v, const KeyId* /*signer*/) {
  LM_CHECK(sized(v.id, 1, 64), Errc::kFieldRange);
  LM_CHECK(v.products.size() <= 1024, Errc::kFieldRange);
  for (const auto& p : v.products) LM_CHECK(valid(Gtin{p}), Errc::kGtin);
  LM_CHECK(v.limits.size() <= 32, Errc::kFieldRange);
  LM_CHECK(v.count >= 1 && v.count < limits::kTransactions, Errc::kFieldRange);
  LM_CHECK(v.slots.size() == 2, Errc::kFieldRange);
  LM_CHECK(v.period_s >= 1, Errc::kFieldRange);
  LM_CHECK(v.lines.size() <= 256, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Membership& v, const KeyId* /*signer*/) {
  LM_CHECK(!v.members.empty() && v.members.size() <= limits::kMembers, Errc::kMembersCount);
  LM_PASS(ascending(v.members, [](const Member& m) { return m.kid; }));
  LM_CHECK(v.quorum >= 1, Errc::kFieldRange);
  LM_CHECK(v.programmes.size() <= 256 && v.enrolments.size() <= 256, Errc::kFieldRange);
  LM_PASS(ascending(v.programmes, [](const Programme& p) { return std::string_view(p.id); }));
  std::uint64_t n = 0;
  for (const auto& m : v.members) n += m.has(Role::kSupervising) ? 1 : 0;
  LM_CHECK(v.quorum <= n && 2 * v.quorum > n, Errc::kStatementQuorum);
  for (const auto& p : v.programmes) {
    LM_CHECK(p.order != OrderKind::kByzantine || 3 * v.quorum > 2 * n, Errc::kStatementQuorum);
  }
  LM_CHECK(v.size == v.first, Errc::kStatementFirst);
  LM_CHECK(v.root.has_value() == (v.epoch != 0), Errc::kStatementFirst);
  LM_CHECK(v.epoch == 0 || v.enrolments.empty(), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const DisclosedSegment& v, const KeyId* /*signer*/) {
  return v.path.size() <= limits::kPath ? Errc::kOk : Errc::kPathLength;
}

Errc joined(const Disclosure& v, const KeyId* /*signer*/) {
  LM_CHECK(v.path.size() <= limits::kPath, Errc::kPathLength);
  LM_CHECK(v.segments.size() <= limits::kSegments, Errc::kRecordSegments);
  return ascending(v.segments, [](const DisclosedSegment& s) { return s.index; });
}

Errc joined(const Sample& v, const KeyId* /*signer*/) {
  LM_CHECK(v.path.size() <= limits::kPath && v.evidence_path.size() <= limits::kPath,
           Errc::kPathLength);
  return Errc::kOk;
}

Errc joined(const Receipt& v, const KeyId* /*signer*/) {
  LM_CHECK(v.disclosures.size() <= 1, Errc::kDisclosureIndex);
  LM_CHECK(v.samples.size() <= limits::kSamples, Errc::kSamplesCount);
  return Errc::kOk;
}

Errc joined(const InclusionProof& v, const KeyId* /*signer*/) {
  return v.path.size() <= limits::kPath ? Errc::kOk : Errc::kPathLength;
}

Errc joined(const EvidenceEntry& /*v*/, const KeyId* /*signer*/) { return Errc::kOk; }

}  // namespace lotmark::checks
