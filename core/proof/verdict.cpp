#include "core/proof/verdict.h"

#include <fmt/format.h>

#include "core/proof/check_list.h"
#include "core/proof/verdict_state.h"

namespace lotmark::proof {

namespace {

constexpr CheckStep<CheckName, Run> kSteps[kCheckCount] = {
    {CheckName::kAnchor, check_anchor},         {CheckName::kReceipt, check_receipt},
    {CheckName::kStatements, check_statements}, {CheckName::kBlock, check_block},
    {CheckName::kRelease, check_release},       {CheckName::kApplication, check_application},
    {CheckName::kAsked, check_asked},           {CheckName::kVotes, check_votes},
    {CheckName::kQuorum, check_quorum},         {CheckName::kDisclosure, check_disclosure},
    {CheckName::kClaims, check_claims},         {CheckName::kSamples, check_samples},
    {CheckName::kLimits, check_limits},         {CheckName::kExpires, check_expires},
};

// A failure that lets the run go on, with the verdict it stands for; nothing for one that stops.
std::optional<VerdictKind> goes_on(CheckName n) {
  if (n == CheckName::kQuorum) return VerdictKind::kNotFinal;
  if (n == CheckName::kLimits) return VerdictKind::kRefused;
  if (n == CheckName::kExpires) return VerdictKind::kExpired;
  return std::nullopt;
}

bool means_unknown(CheckName n, const Error& e, const Run& run) {
  if (n == CheckName::kAnchor || n == CheckName::kAsked) return true;
  if (n == CheckName::kReceipt) return e.code == Errc::kReceiptVersion;
  return run.chain_differs;
}

int precedence(VerdictKind v) {
  constexpr VerdictKind kOrder[] = {
      VerdictKind::kUnknown,  VerdictKind::kTampered, VerdictKind::kNotFinal,
      VerdictKind::kRecalled, VerdictKind::kRefused,  VerdictKind::kSuperseded,
      VerdictKind::kArchived, VerdictKind::kExpired,  VerdictKind::kReleased};
  int i = 0;
  while (kOrder[i] != v) ++i;
  return i;
}

}  // namespace

std::string_view name(CheckName c) {
  constexpr std::string_view kNames[kCheckCount] = {
      "anchor", "receipt", "statements", "block",  "release", "application", "asked",
      "votes",  "quorum",  "disclosure", "claims", "samples", "limits",      "expires"};
  return kNames[static_cast<std::size_t>(c)];
}

namespace {

void run_checks(Run& run) {
  VerdictKind verdict = VerdictKind::kReleased;
  const bool held = run.statements != nullptr;
  bool stopped = false;
  for (const auto& step : kSteps) {
    auto& entry = run.out.checks[static_cast<std::size_t>(step.name)];
    const bool of_statements =
        step.name == CheckName::kAnchor || step.name == CheckName::kStatements;
    if (stopped || (held && of_statements)) {
      entry.why = "not run";
      continue;
    }
    const Status done = step.run(run);
    enter(entry, done);
    if (done) continue;
    if (step.name == CheckName::kLimits || step.name == CheckName::kExpires)
      entry.error = Errc::kOk;
    const auto softer = goes_on(step.name);
    const bool unknown = means_unknown(step.name, done.error(), run);
    VerdictKind v = softer.value_or(unknown ? VerdictKind::kUnknown : VerdictKind::kTampered);
    if (precedence(v) < precedence(verdict)) verdict = v;
    stopped = !softer;
  }
  run.out.verdict = verdict;
}

}  // namespace

VerdictResult verify_receipt(ByteView receipt, ByteView anchor, const Asked& asked, Time now,
                             const VerifyOptions& options) {
  VerdictResult out;
  Run run{{}, receipt, anchor, asked, now, options, out};
  run_checks(run);
  return out;
}

VerdictResult verify_receipt_by(const Statements& held, ByteView receipt, Time now) {
  VerdictResult out;
  const Asked anything;
  Run run{{&held}, receipt, {}, anything, now, {}, out};
  run_checks(run);
  return out;
}

Status check_anchor(Run& r) { return r.start(r.anchor_bytes); }

Status check_receipt(Run& r) {
  LM_ASSIGN(r.receipt, read_receipt(r.receipt_bytes));
  return {};
}

Status check_statements(Run& r) { return r.follow(r.receipt.statements); }

Status check_block(Run& r) {
  LM_TRY(r.open(r.receipt.block.bytes, BlockKind::kLot));
  r.out.block_id = r.block->block.id;
  r.out.block_number = r.body().number;
  r.out.block_time = r.body().time;
  return {};
}

Status check_release(Run& r) {
  const auto& body = std::get<ObjectBytes>(r.body().body);
  LM_ASSIGN(r.release, open_release(body.bytes, r.chain(), *r.judge));
  r.out.release_number = r.release->body.number;
  return {};
}

Status check_application(Run& r) {
  LM_ASSIGN(r.application, open_application(*r.release, r.chain(), *r.judge));
  r.out.application = r.application->body;
  return {};
}

Status check_asked(Run& r) {
  const auto& a = r.application->body;
  if (r.asked.gtin && *r.asked.gtin != a.gtin.text) {
    return fail(Errc::kGtin, "asked for " + *r.asked.gtin + ", the receipt is of " + a.gtin.text);
  }
  if (r.asked.lot && *r.asked.lot != a.lot.text) {
    return fail(Errc::kLot, "asked for lot " + *r.asked.lot + ", the receipt is of " + a.lot.text);
  }
  return {};
}

Status check_expires(Run& r) {
  const auto& e = r.application->body.expires;
  if (r.now < expired_from(e)) return {};
  return fail(Errc::kExpires, fmt::format("expired on {:04}-{:02}-{:02}", e.yyyymmdd / 10000,
                                          e.yyyymmdd / 100 % 100, e.yyyymmdd % 100));
}

}  // namespace lotmark::proof
