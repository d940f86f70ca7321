#include "ledger-node/review/decision.h"

#include "core/base/hex.h"
#include "ledger-node/review/finding.h"

namespace lotmark::review {

Status seal_report(ReviewRow& row, std::vector<Finding> findings, Decision decision,
                   const Signer& signer, const Digest& chain) {
  LM_ASSERT(row.application_id.has_value());
  Report report;
  report.application = *row.application_id;
  report.findings = std::move(findings);
  report.decision = decision;
  LM_ASSIGN(auto sealed, seal(report, signer, chain));
  row.report = std::move(sealed.bytes);
  row.report_id = sealed.id;
  return {};
}

Result<Sealed> seal_second(const Digest& application, std::vector<Finding> findings,
                           const Digest& first, Decision decision, const Signer& signer,
                           const Digest& chain) {
  Report report;
  report.application = application;
  report.decision = decision;
  report.findings = std::move(findings);
  report.reports = {first};
  return seal(report, signer, chain);
}

Status seal_refusal(ReviewRow& row, std::vector<Finding> findings, const Signer& signer,
                    const Digest& chain) {
  LM_TRY(seal_report(row, std::move(findings), Decision::kRefuse, signer, chain));
  LM_ASSIGN(auto refusal, seal(Refusal{*row.application_id, *row.report_id}, signer, chain));
  row.decided = std::move(refusal.bytes);
  row.state = kRefused;
  return {};
}

Status seal_release(ReviewRow& row, std::vector<Finding> findings, const ReleaseWords& words,
                    const Signer& signer, const Digest& chain) {
  for (const auto& f : findings) {
    if (refuses(f.code)) return fail(Errc::kConflict, "a finding refuses this lot: " + f.text);
  }
  LM_ASSIGN(auto application, lotmark::open<Application>(row.application, chain));
  if (words.reason.has_value() != application.body.supersedes.has_value()) {
    return fail(Errc::kUsage, "a reason belongs to a lot that supersedes another, and to no other");
  }
  const bool number_fits = !words.number.empty() && words.number.size() <= 64;
  if (!number_fits || (words.reason && (words.reason->empty() || words.reason->size() > 256))) {
    return fail(Errc::kUsage, "a release number has 1 to 64 bytes, a reason 1 to 256");
  }
  LM_TRY(seal_report(row, std::move(findings), Decision::kRelease, signer, chain));
  const Release release{{row.application}, words.number, *row.report_id, words.reason};
  LM_ASSIGN(auto sealed, seal(release, signer, chain));
  row.decided = std::move(sealed.bytes);
  row.state = kReleased;
  return {};
}

std::string release_number(const ReviewRow& row, Time now) {
  std::string day = to_iso(now).substr(0, 10);
  std::erase(day, '-');
  return day + "-" + row.lot + "-" + short_hex(*row.application_id);
}

}  // namespace lotmark::review
