#include "cli/report.h"

#include <algorithm>

#include "cli/entries.h"
#include "cli/files.h"
#include "cli/node/control.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/evidence.h"
#include "core/wire/complaint.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

constexpr char kComplaints[] = "/control/v1/complaints";

Result<Complaint> complaint_of(const ReportSendArguments& a) {
  Complaint c;
  const auto subject = fixed_from_hex<KeyId>(a.subject);
  if (!subject) return fail(Errc::kUsage, "--subject is a kid: 32 hex digits");
  c.subject = *subject;
  LM_ASSIGN(c.kind, word_of<ComplaintKind>(a.kind, "--kind"));
  for (const auto& text : a.about) {
    const auto id = fixed_from_hex<Digest>(text);
    if (!id) return fail(Errc::kUsage, "--about is an id: 64 hex digits");
    c.about.push_back(*id);
  }
  c.text = a.text;
  c.time = now_ms();
  if (a.evidence.empty()) return c;
  LM_ASSIGN(const Bytes file, read_file(a.evidence, limits::kEvidence));
  c.evidence = sha256(file);
  return c;
}

// A file is named only if it proves something to everybody who has this anchor.
Status judge_evidence(const ReportSendArguments& a, ByteView anchor) {
  if (a.evidence.empty()) return {};
  LM_ASSIGN(const Bytes file, read_file(a.evidence, limits::kEvidence));
  if (proof::verify_evidence(file, anchor).proven) return {};
  return fail(Errc::kConflict,
              a.evidence + " proves nothing here: lotmark evidence verify says why");
}

// By its first digits, where they are of one alone.
Result<Digest> find(const Control& control, const std::string& text) {
  if (const auto id = fixed_from_hex<Digest>(text)) return *id;
  LM_ASSIGN(const auto list, control.get(kComplaints));
  std::optional<Digest> found;
  for (const auto& c : list) {
    const std::string id = text_of(c, "id");
    if (text.empty() || !id.starts_with(text)) continue;
    if (found) return fail(Errc::kConflict, "more than one complaint begins with " + text);
    found = fixed_from_hex<Digest>(id);
  }
  if (found) return *found;
  return fail(Errc::kNotFound, "no complaint begins with " + text);
}

// The rules that join its keys (docs/format/complaints.md), in the words of the command line.
Status judge(const Ruling& r) {
  const std::string outcome(name(r.outcome));
  if (r.outcome == RulingOutcome::kDismissed && !r.penalties.empty())
    return fail(Errc::kUsage, outcome + " has no --penalty");
  if (r.outcome != RulingOutcome::kDismissed && r.penalties.empty())
    return fail(Errc::kUsage, outcome + " needs a --penalty");
  const bool takes = std::ranges::find(r.penalties, PenaltyKind::kPoints) != r.penalties.end();
  if (takes != (r.points > 0))
    return fail(Errc::kUsage, "--penalty points and --points N go together");
  if (r.reward > 0 && r.outcome != RulingOutcome::kUpheld)
    return fail(Errc::kUsage, "--reward is for a complaint that is upheld");
  return {};
}

Result<Ruling> ruling_of(const ReportRuleArguments& a) {
  Ruling r;
  LM_ASSIGN(r.outcome, word_of<RulingOutcome>(a.outcome, "--outcome"));
  for (const auto& text : a.penalties) {
    LM_ASSIGN(const auto penalty, word_of<PenaltyKind>(text, "--penalty"));
    r.penalties.push_back(penalty);
  }
  std::sort(r.penalties.begin(), r.penalties.end());
  r.points = a.points;
  r.reward = a.reward;
  r.text = a.text;
  r.time = now_ms();
  LM_TRY(judge(r));
  return r;
}

std::string outcome_of(const nlohmann::json& c) {
  if (!c.contains("settled") || c["settled"].is_null())
    return "open, " + text_of(c, "rulings") + " rulings";
  const auto& s = c["settled"];
  std::string text = text_of(s, "outcome");
  if (number_of(s, "points") > 0) text += ", " + text_of(s, "points") + " points";
  if (number_of(s, "reward") > 0) text += ", reward " + text_of(s, "reward");
  return text;
}

}  // namespace

Exit run_report_send(const ReportSendArguments& a, Output& out) {
  const auto complaint = complaint_of(a);
  if (!complaint) return out.error(complaint.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  if (Status ok = judge_evidence(a, control->anchor()); !ok) return out.error(ok.error());
  if (a.as_member) return submit(*control, SignedName<Complaint>::value, encode(*complaint), out);
  const auto object = seal(*complaint, control->signer(), control->chain());
  return object ? submit_signed(*control, object->bytes, out) : out.error(object.error());
}

Exit run_report_rule(const ReportRuleArguments& a, Output& out) {
  auto ruling = ruling_of(a);
  if (!ruling) return out.error(ruling.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto complaint = find(*control, a.complaint);
  if (!complaint) return out.error(complaint.error());
  ruling->complaint = *complaint;
  return submit(*control, SignedName<Ruling>::value, encode(*ruling), out);
}

Exit run_report_list(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto list = control->get(kComplaints);
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  if (list->empty()) {
    out.line("nobody complained of anybody");
    return Exit::kDone;
  }
  Table table{{"block", "by", "of", "kind", "evidence", "outcome", "text", "id"}, {}};
  for (const auto& c : *list) {
    const bool proven = c.value("proven", false);
    const bool named = c.contains("evidence") && c["evidence"].is_string();
    table.rows.push_back({{text_of(c, "block"), text_of(c, "by_name"), text_of(c, "subject_name"),
                           text_of(c, "kind"),
                           proven  ? "proven here"
                           : named ? "named"
                                   : "none",
                           outcome_of(c), text_of(c, "text"), text_of(c, "id").substr(0, 16)}});
  }
  out.table(table);
  return Exit::kDone;
}

}  // namespace lotmark::cli
