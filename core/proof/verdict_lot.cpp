// Votes, quorum and the disclosed release record of one lot.
#include "core/merkle/tree.h"
#include "core/proof/verdict_state.h"

namespace lotmark::proof {

namespace {

// One disclosed segment: index, shape, audience, and the root its path gives.
Result<Digest> check_segment(Run& r, const DisclosedSegment& d, std::uint64_t count) {
  if (d.index >= count) return Errc::kDisclosureIndex;
  LM_ASSIGN(auto segment, decode<Segment>(d.segment));
  if (segment.audience != Audience::kPublic) {
    if (!r.options.show_non_public) return fail(Errc::kDisclosureKind, "a segment is not public");
    r.out.non_public_shown = true;
  }
  auto root = merkle::fold_inclusion(merkle::leaf_hash(d.segment), d.index, count, d.path);
  if (!root) return Errc::kTreePath;
  r.out.others.push_back({d.index, std::move(segment)});
  return root;
}

}  // namespace

Finality finality_of(std::uint64_t votes, const Membership& judge) {
  Finality f{votes, judge.quorum, 0};
  for (const auto& m : judge.members) f.members += m.has(Role::kSupervising) ? 1 : 0;
  return f;
}

Status check_votes(Run& r) { return r.check_votes(); }

Status check_quorum(Run& r) { return r.check_quorum(r.out.finality, r.why(CheckName::kQuorum)); }

Status check_disclosure(Run& r) {
  if (r.receipt.disclosures.empty()) {
    r.why(CheckName::kDisclosure) = "nothing disclosed";
    return {};
  }
  const Disclosure& d = r.receipt.disclosures[0];
  const Application& a = r.application->body;
  LM_ASSIGN(auto tx, open<Transaction>(d.transaction.bytes, r.chain()));
  if (tx.kid != r.application->kid) return Errc::kTransactionSigner;
  LM_TRY(signed_by_member(tx, *r.judge, Role::kKeeping, Errc::kTransactionSigner));
  auto tx_root =
      merkle::fold_inclusion(merkle::leaf_hash(tx.id.view()), a.tx_count - 1, a.tx_count, d.path);
  if (!tx_root || *tx_root != a.tx_root) return Errc::kTreePath;
  if (d.record.kind != RecordKind::kRelease || d.record.step || d.record.corrects) {
    return Errc::kDisclosureKind;
  }
  if (d.segments.empty()) return Errc::kCommitmentMismatch;
  std::optional<Digest> root;
  for (const auto& s : d.segments) {
    LM_ASSIGN(auto of_segment, check_segment(r, s, d.record.segments));
    if (root && *root != of_segment) return Errc::kTreePath;
    root = of_segment;
  }
  if (commitment(r.chain(), a.start, d.record, *root) != tx.body.commitment) {
    return Errc::kCommitmentMismatch;
  }
  r.out.disclosed = true;
  return {};
}

}  // namespace lotmark::proof
