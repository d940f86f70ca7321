#include "cli/evidence.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "cli/shown.h"
#include "core/base/hex.h"
#include "core/proof/evidence.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

using proof::EvidenceOutcome;
using proof::EvidenceResult;

Paint paint_of(EvidenceOutcome o) {
  if (o == EvidenceOutcome::kProven) return Paint::kBad;  // somebody was dishonest
  return o == EvidenceOutcome::kNotProven ? Paint::kPlain : Paint::kWarn;
}

Exit exit_of(EvidenceOutcome o) {
  if (o == EvidenceOutcome::kProven) return Exit::kDone;
  return o == EvidenceOutcome::kNotProven ? Exit::kFailed : Exit::kTampered;
}

void show_accusation(const proof::Accusation& a, EvidenceKind kind, Output& out) {
  out.line(a.said);
  out.line("");
  Table table;
  const std::string what = a.by.device ? "device" : a.by.role + " member";
  table.rows.push_back({{"who", what}});
  table.rows.push_back({{"organisation", a.by.organisation}});
  table.rows.push_back({{"key", to_hex(a.by.kid)}});
  if (a.by.device) {
    table.rows.push_back({{"name", a.by.device->name}});
    table.rows.push_back({{"enrolled by", to_hex(a.by.device->enroller)}});
  }
  const bool promise = kind == EvidenceKind::kPromiseUnmet;
  const char* kPromised[] = {"promise", "object promised", "last block"};
  const char* kTwo[] = {"first object", "second object"};
  for (std::size_t i = 0; i < a.objects.size(); ++i) {
    table.rows.push_back({{promise ? kPromised[i] : kTwo[i], to_hex(a.objects[i])}});
  }
  out.table(table);
}

void show(const EvidenceResult& r, Output& out) {
  const std::string of_kind = r.kind ? ": " + std::string(name(*r.kind)) : "";
  out.line(std::string(proof::name(r.outcome)) + of_kind, paint_of(r.outcome));
  if (r.chain) out.line("consortium " + grouped_fingerprint(*r.chain), Paint::kDim);
  if (r.proven) {
    show_accusation(*r.proven, *r.kind, out);
  } else {
    const std::string code(name(r.error));
    out.line(fmt::format("The check \"{}\" does not hold: {}{}", proof::name(*r.failed), code,
                         r.why == code ? "" : ": " + r.why));
  }
  out.line("");
  out.line("What this does not prove:", Paint::kStrong);
  for (const auto code : proof::not_proved(r)) {
    out.line("- " + std::string(proof::evidence_not_proved_words(code)));
  }
}

// One byte above its limit is enough for the verifier to say that a file is too large.
Result<EvidenceResult> judge(const EvidenceArguments& a) {
  LM_ASSIGN(const Bytes file, read_file_start(a.file, limits::kEvidence + 1));
  LM_ASSIGN(const Bytes anchor, read_file_start(a.anchor, limits::kAnchor + 1));
  return proof::verify_evidence(file, anchor);
}

}  // namespace

Exit run_evidence_verify(const EvidenceArguments& a, Output& out) {
  const auto judged = judge(a);
  if (!judged) {
    out.error(judged.error());
    return Exit::kTampered;  // 1 would say that it proves nothing
  }
  const Exit exit = exit_of(judged->outcome);
  if (!out.json) {
    show(*judged, out);
    return exit;
  }
  // A field that the answer does not have is a fault of the call, and 1 is an outcome.
  return out.value(proof::to_json(*judged)) == Exit::kDone ? exit : Exit::kUsage;
}

}  // namespace lotmark::cli
