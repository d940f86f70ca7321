// Claims of a record: their evidence tree out of the intake log, and that the log was on the chain
// in time.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

std::string subject(const AuditRun& run, const Claim& c) {
  const Enrolled* device = run.chain.enrolled(c.device);
  return fmt::format("claim of {} {}", device != nullptr ? device->name : to_hex(c.device),
                     c.channel);
}

// That the bundles hold by themselves, where the intake log was not read whole.
Status check_bodies(const AuditRun& run, const std::vector<EvidenceRef>& refs) {
  for (const auto& ref : refs) {
    if (const auto at = run.bundle(ref.bundle)) LM_TRY(check_bundle(run.reader, *at));
  }
  return {};
}

Status check_claim(const AuditRun& run, const AuditLot& lot, const Claim& c,
                   const std::vector<EvidenceRef>& refs) {
  if (run.light()) LM_TRY(check_bodies(run, refs));
  LM_ASSIGN(auto leaves, leaves_of(c, refs, run.wires(), run.id()));
  if (leaves.empty()) return fail(Errc::kClaim, "no bundle of it holds a reading");
  std::vector<merkle::AnnotatedNode> nodes;
  for (const auto& l : leaves) nodes.push_back(l.node);
  LM_ASSIGN(auto root, merkle::annotated_root(nodes));
  if (root.hash != c.root || root.annotation != c.annotation || nodes.size() != c.tree_size) {
    return fail(Errc::kRootMismatch, "its bundles do not give its evidence root");
  }
  // A lot may well have been refused because the chain had not logged its bundles.
  if (!lot.block || lot.state == "refused") return {};
  const std::uint64_t logged = run.book.logged(run.keys, LogKind::kIntake, *lot.block);
  for (const auto& ref : refs) {
    const auto at = run.bundle(ref.bundle);
    if (!at || *at >= logged) {
      return fail(Errc::kNotFound, "bundle " + short_hex(ref.bundle) +
                                       " was not on the chain when the lot was decided");
    }
  }
  return {};
}

}  // namespace

void audit_claims(AuditRun& run, const AuditLot& lot, std::string_view table, const RecordRow& row,
                  std::multiset<Bytes>& shown) {
  const bool release = row.record.head.kind == RecordKind::kRelease;
  const auto fault = [&](Errc e, std::string text) {
    run.fault({std::string(table),
               row.n,
               release ? "release" : row.record.head.step.value_or("decoy"),
               lot.name,
               lot.block,
               e,
               std::move(text),
               {}});
  };
  auto evidence = decode_evidence(row.record.evidence);
  if (!evidence) return fault(evidence.code(), "its list of bundles cannot be read");
  std::size_t used = 0;
  for (std::uint64_t i = 0; i < row.record.segments.size(); ++i) {
    auto segment = decode<Segment>(row.record.segments[i]);
    if (!segment || segment->media != kClaimMedia) continue;
    auto claim = decode<Claim>(segment->content);
    if (!claim) {
      fault(claim.code(), fmt::format("segment {} is no claim", i));
      continue;
    }
    ++run.report.claims;
    if (!release) {
      shown.insert(segment->content);
    } else if (const auto same = shown.find(segment->content); same != shown.end()) {
      shown.erase(same);
    } else {
      fault(Errc::kClaim, subject(run, *claim) + ": no step says so");
    }
    const auto of = std::find_if(evidence->begin(), evidence->end(),
                                 [&](const auto& e) { return e.segment == i; });
    if (of == evidence->end()) {
      fault(Errc::kNotFound, subject(run, *claim) + ": no bundles are named");
      continue;
    }
    ++used;
    if (Status ok = check_claim(run, lot, *claim, of->bundles); !ok)
      fault(ok.code(), subject(run, *claim) + ": " + ok.error().text);
  }
  if (used != evidence->size()) fault(Errc::kCorrupt, "bundles are named for what is no claim");
}

}  // namespace lotmark::chain
