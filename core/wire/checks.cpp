#include "core/wire/checks.h"

#include "core/crypto/p256.h"
#include "core/wire/limits.h"
#include "core/wire/place_rules.h"

namespace lotmark::checks {

namespace {

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

Errc joined(const merkle::Annotation& v, const KeyId* /*signer*/) {
  return merkle::check(v).code();
}

Errc joined(const CountAnnotation& v, const KeyId* /*signer*/) {
  return v.count >= 1 && v.t_first <= v.t_last && (v.count > 1 || v.t_first == v.t_last)
             ? Errc::kOk
             : Errc::kAnnotation;
}

Errc joined(const Start& v, const KeyId* signer) {
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  return Errc::kOk;
}

Errc joined(const Birth& v, const KeyId* signer) {
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  return Errc::kOk;
}

Errc joined(const DeclaredGap& v, const KeyId* /*signer*/) {
  return v.from <= v.to ? Errc::kOk : Errc::kTimeOrder;
}

Errc joined(const Channel& v, const KeyId* /*signer*/) {
  LM_CHECK(v.root.has_value() == (v.annotation.index() != 0), Errc::kAnnotation);
  return Errc::kOk;
}

Errc joined(const Bundle& v, const KeyId* signer) {
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  LM_PASS(schema::distinct_by(v.channels, [](const Channel& c) { return c.name; }));
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
  LM_CHECK(signer == nullptr || v.device == *signer, Errc::kCoseKid);
  LM_CHECK(v.last >= v.seq, Errc::kFieldRange);
  LM_CHECK(v.ack.has_value() == (v.reason == GapReason::kReceiverLost), Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Command& v, const KeyId* /*signer*/) {
  return v.from.has_value() == (v.command == CommandKind::kResend) ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const LineStep& v, const KeyId* /*signer*/) {
  LM_CHECK(v.devices.empty() == v.channels.empty(), Errc::kFieldRange);
  return v.limits.min <= v.limits.max ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const Claim& v, const KeyId* /*signer*/) {
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

Errc joined(const Report& v, const KeyId* /*signer*/) {
  bool refuse = false;
  for (const auto& f : v.findings) refuse = refuse || f.code < 100;
  for (const auto& s : v.samples) refuse = refuse || !s.ok;
  LM_CHECK(!refuse || v.decision == Decision::kRefuse, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Block& v, const KeyId* /*signer*/) {
  return v.prev.has_value() == (v.number != 0) ? Errc::kOk : Errc::kBlockPrev;
}

Errc joined(const CutBody& v, const KeyId* /*signer*/) {
  return v.last >= v.first ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const Head& v, const KeyId* /*signer*/) {
  LM_CHECK(v.prior <= v.size, Errc::kFieldRange);
  LM_CHECK(v.path.empty() || (v.prior != 0 && v.prior != v.size), Errc::kTreePath);
  return Errc::kOk;
}

Errc joined(const Member& v, const KeyId* /*signer*/) {
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

Errc joined(const Membership& v, const KeyId* root) {
  LM_CHECK(root == nullptr || v.find(*root) == nullptr, Errc::kMemberRoles);
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

Errc joined(const Ruling& v, const KeyId* /*signer*/) {
  LM_CHECK(v.penalties.empty() == (v.outcome == RulingOutcome::kDismissed), Errc::kFieldRange);
  const bool takes =
      std::find(v.penalties.begin(), v.penalties.end(), PenaltyKind::kPoints) != v.penalties.end();
  LM_CHECK(takes == (v.points > 0), Errc::kFieldRange);
  LM_CHECK(v.reward == 0 || v.outcome == RulingOutcome::kUpheld, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const Usage& v, const KeyId* /*signer*/) {
  return v.count >= v.serials.size() ? Errc::kOk : Errc::kUsageCount;
}

Errc joined(const Mark& v, const KeyId* /*signer*/) {
  return !v.serial || v.count == 1 ? Errc::kOk : Errc::kMarkCount;
}

Errc joined(const Evidence& v, const KeyId* /*signer*/) {
  LM_CHECK(v.kind == EvidenceKind::kPromiseUnmet || v.objects.size() == 2, Errc::kFieldRange);
  return Errc::kOk;
}

Errc joined(const SnapshotHead& v, const KeyId* /*signer*/) {
  return v.last >= v.first ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const ArchiveHeader& v, const KeyId* /*signer*/) {
  return v.last >= v.first ? Errc::kOk : Errc::kFieldRange;
}

Errc joined(const EventProof& v, const KeyId* /*signer*/) {
  const RecordHead& r = v.record;
  LM_CHECK(v.of_lot() == !v.period, Errc::kEventProof);
  LM_CHECK(v.of_lot() || v.path.empty(), Errc::kEventProof);
  LM_CHECK(v.of_lot() == (r.kind != RecordKind::kPeriod), Errc::kEventProof);
  if (!v.of_lot()) return r.step || r.corrects ? Errc::kEventProof : Errc::kOk;
  const bool shown = r.kind != RecordKind::kDecoy && r.kind != RecordKind::kRelease;
  return shown && r.step ? Errc::kOk : Errc::kEventProof;
}

}  // namespace lotmark::checks
