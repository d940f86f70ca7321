// Claims of the disclosed record, the readings drawn from them, and their limits.
#include <fmt/format.h>

#include "core/merkle/tree.h"
#include "core/proof/verdict_state.h"

namespace lotmark::proof {

namespace {

ClaimResult* find_claim(Run& r, std::uint64_t segment) {
  for (auto& c : r.out.claims) {
    if (c.segment == segment) return &c;
  }
  return nullptr;
}

// Folding failed: annotation where a join failed, else the path itself.
Errc path_error(const Error& e) {
  return e.code == Errc::kAnnotation ? Errc::kAnnotation : Errc::kSamplePath;
}

Status check_sample(Run& r, const Sample& s, const Sample* before) {
  ClaimResult* c = find_claim(r, s.segment);
  if (c == nullptr) return fail(Errc::kSampleIndex, "a sample of no disclosed claim");
  const bool next_claim = before == nullptr || s.segment > before->segment;
  if (next_claim ? s.i != 0 : s.segment != before->segment || s.i != before->i + 1) {
    return fail(Errc::kSampleIndex, "samples are not numbered 0, 1, 2");
  }
  LM_ASSIGN(auto entry, decode<ReadingEntry>(s.entry));
  LM_ASSIGN(auto channel, decode<EvidenceEntry>(s.channel_entry));
  const merkle::AnnotatedNode leaf{channel.annotation, merkle::leaf_hash(s.channel_entry)};
  auto evidence =
      merkle::fold_annotated(leaf, s.evidence_index, c->claim.tree_size, s.evidence_path);
  if (!evidence) return path_error(evidence.error());
  if (evidence->annotation != c->claim.annotation || evidence->hash != c->claim.root) {
    return Errc::kSamplePath;
  }
  const std::uint64_t drawn = merkle::sample_index(r.out.block_id, static_cast<std::uint32_t>(s.i),
                                                   c->claim.annotation.count);
  const std::uint64_t left =
      merkle::count_before(s.evidence_index, c->claim.tree_size, s.evidence_path);
  if (drawn < left || drawn - left >= channel.annotation.count) {
    return fail(Errc::kSampleIndex, "not the reading that was drawn");
  }
  const merkle::AnnotatedNode reading{{1, entry.value, entry.value, entry.t, entry.t, 0},
                                      merkle::leaf_hash(s.entry)};
  auto root = merkle::fold_annotated(reading, drawn - left, channel.annotation.count, s.path);
  if (!root) return path_error(root.error());
  if (root->annotation != channel.annotation || root->hash != channel.root)
    return Errc::kSamplePath;
  ++c->samples;
  return {};
}

}  // namespace

Status check_claims(Run& r) {
  if (!r.out.disclosed) {
    r.why(CheckName::kClaims) = "nothing disclosed";
    return {};
  }
  std::vector<ShownSegment> rest;
  for (auto& s : r.out.others) {
    const bool named = s.segment.name == kClaimName;
    if (named != (s.segment.media == kClaimMedia)) return Errc::kClaim;
    if (!named) {
      rest.push_back(std::move(s));
      continue;
    }
    LM_ASSIGN(auto claim, decode<Claim>(s.segment.content));
    r.out.claims.push_back({s.index, std::move(claim), 0, false});
  }
  r.out.others = std::move(rest);
  r.why(CheckName::kClaims) = fmt::format("{} claims", r.out.claims.size());
  return {};
}

Status check_samples(Run& r) {
  if (!r.out.disclosed && r.receipt.samples.empty()) {
    r.why(CheckName::kSamples) = "nothing disclosed";
    return {};
  }
  const Sample* before = nullptr;
  for (const auto& s : r.receipt.samples) {
    LM_TRY(check_sample(r, s, before));
    before = &s;
  }
  r.why(CheckName::kSamples) = fmt::format("{} readings", r.receipt.samples.size());
  return {};
}

Status check_limits(Run& r) {
  if (!r.out.disclosed) {
    r.why(CheckName::kLimits) = "nothing disclosed";
    return {};
  }
  std::string wrong;
  for (auto& c : r.out.claims) {
    const Claim& claim = c.claim;
    const auto& a = claim.annotation;
    const auto& l = claim.limits;
    const auto say = [&](std::string_view what, const std::string& value,
                         const std::string& limit) {
      if (wrong.empty()) {
        wrong = fmt::format("{} of {} at {}: {}, limit {}", what, claim.channel, claim.step, value,
                            limit);
      }
    };
    const auto shown = [&](std::int64_t v) { return to_decimal(v, claim.exp.value) + claim.unit; };
    if (a.min < l.min) say("least value", shown(a.min), shown(l.min));
    if (a.max > l.max) say("largest value", shown(a.max), shown(l.max));
    const std::uint64_t gap = std::max(a.gap_max, claim.gap_edge);
    if (gap > l.gap_max)
      say("longest pause", fmt::format("{} ms", gap), fmt::format("{} ms", l.gap_max));
    c.within_limits = a.min >= l.min && a.max <= l.max && gap <= l.gap_max;
  }
  if (!wrong.empty()) return fail(Errc::kClaim, wrong);
  return {};
}

}  // namespace lotmark::proof
