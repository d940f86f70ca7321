// Claims of a record: their evidence tree out of the intake log, and that the log was on the chain
// in time.
#include <fmt/format.h>

#include <set>

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_state.h"
#include "ledger-node/chain/private/segment_keys.h"

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

// One row's sealed segments: that somebody's key opens each, what those at hand open, and that nothing is wrapped but
// these.
class SealedOfRow {
 public:
  using Fault = std::function<void(std::uint64_t segment, Errc error, const std::string& text)>;
  // `undecided`: of a lot whose release record is still to be made of it.
  SealedOfRow(AuditRun& run, const Digest& commitment, bool undecided, Fault fault)
      : run_(run), must_open_(run.own_keys && undecided), fault_(std::move(fault)) {
    auto keys = SegmentKeys(run.db).of(commitment);
    if (keys) keys_ = *std::move(keys);
    else fault_(0, keys.code(), "its rows cannot be read: " + keys.error().message());
  }

  // The plain segment; null if it stays closed.
  std::optional<Segment> open(std::uint64_t i, Segment segment) {
    ++run_.report.sealed;
    seen_.insert(i);
    std::vector<Bytes> recipients;
    for (const auto& k : keys_) {
      if (k.segment != i) continue;
      const auto kid = sealed::recipient_kid(k.recipient);
      if (!kid || *kid != k.reader)
        fault_(i, kid ? Errc::kSealReader : kid.code(),
               "is no recipient of reader " + to_hex(k.reader));
      else recipients.push_back(k.recipient);
    }
    if (recipients.empty()) fault_(i, Errc::kNotFound, "its content key is wrapped for nobody");
    if (const auto form = sealed::read_content(segment); !form)
      fault_(i, form.code(), form.error().text);
    auto opened = open_by(run_.id(), std::move(segment), recipients, run_.opening_keys);
    if (opened) return *std::move(opened);
    ++run_.report.not_opened;
    if (opened.code() != Errc::kSealReader || must_open_)
      fault_(i, opened.code(), "does not open: " + opened.error().text);
    return std::nullopt;
  }

  // After the last one.
  void close() {
    for (const auto& k : keys_) {
      if (seen_.insert(k.segment).second)
        fault_(k.segment, Errc::kNotFound,
               "is no sealed segment, and a key is wrapped for reader " + to_hex(k.reader));
    }
  }

 private:
  AuditRun& run_;
  bool must_open_;
  Fault fault_;
  std::vector<SegmentKey> keys_;
  std::set<std::uint64_t> seen_;
};

bool names_bundles(const std::vector<ClaimEvidence>& evidence, std::uint64_t segment) {
  return std::any_of(evidence.begin(), evidence.end(),
                     [&](const auto& e) { return e.segment == segment; });
}

}  // namespace

void audit_claims(AuditRun& run, const AuditLot& lot, std::string_view table, const RecordRow& row,
                  ClaimsShown& shown) {
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
  // What is not signed yet is prepared anew where it does not open.
  const bool undecided = !lot.block && lot.state == "open" && row.record.object.has_value();
  SealedOfRow sealed_ones(run, row.record.commitment, undecided,
                          [&](auto i, Errc e, const std::string& text) {
                            run.fault({"segment_key",
                                       {},
                                       fmt::format("{} row {} segment {}", table, row.n, i),
                                       lot.name,
                                       lot.block,
                                       e,
                                       text,
                                       {}});
                          });
  std::size_t used = 0;
  for (std::uint64_t i = 0; i < row.record.segments.size(); ++i) {
    auto segment = decode<Segment>(row.record.segments[i]);
    const bool for_all =
        segment && !sealed::is_sealed(*segment) && segment->audience == Audience::kPublic;
    if (segment && sealed::is_sealed(*segment)) {
      auto opened = sealed_ones.open(i, *std::move(segment));
      if (!opened) {
        shown.whole = false;
        used += names_bundles(*evidence, i) ? 1 : 0;
        continue;
      }
      segment = *std::move(opened);
    }
    if (!segment || segment->media != kClaimMedia) continue;
    auto claim = decode<Claim>(segment->content);
    if (!claim) {
      fault(claim.code(), fmt::format("segment {} is no claim", i));
      continue;
    }
    ++run.report.claims;
    if (release && !for_all)
      fault(Errc::kClaim, subject(run, *claim) + ": is not in the clear for the public");
    if (!release) {
      shown.contents.insert(segment->content);
    } else if (const auto same = shown.contents.find(segment->content);
               same != shown.contents.end()) {
      shown.contents.erase(same);
    } else if (shown.whole) {
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
  sealed_ones.close();
  if (used != evidence->size()) fault(Errc::kCorrupt, "bundles are named for what is no claim");
}

}  // namespace lotmark::chain
