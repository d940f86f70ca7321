#include "cli/verify.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "cli/shown.h"
#include "core/gs1/digital_link.h"
#include "core/proof/verdict.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

using proof::VerdictResult;

Paint paint_of(VerdictKind v) {
  if (v == VerdictKind::kReleased) return Paint::kGood;
  return v == VerdictKind::kNotFinal || v == VerdictKind::kUnknown ? Paint::kWarn : Paint::kBad;
}

std::string iso(std::uint64_t ms) { return to_iso(from_ms(static_cast<std::int64_t>(ms))); }

void show_lot(const VerdictResult& r, Output& out) {
  const Application& a = *r.application;
  Table table;
  table.rows = {{{"product", a.product}},
                {{"GTIN", a.gtin.text}},
                {{"lot", a.lot.text}},
                {{"expires", std::to_string(a.expires.yyyymmdd)}},
                {{"release", r.release_number}},
                {{"block", fmt::format("{} of {}", r.block_number, iso(r.block_time))}}};
  if (r.finality) {
    table.rows.push_back({{"votes", fmt::format("{} of {} members, quorum {}", r.finality->votes,
                                                r.finality->members, r.finality->quorum)}});
  }
  out.table(table);
}

void show_claims(const VerdictResult& r, Output& out) {
  if (r.claims.empty()) return;
  out.line("");
  Table table{
      {"step", "channel", "from", "to", "lowest", "highest", "readings", "gap", "limits", ""}, {}};
  for (const auto& c : r.claims) {
    const Claim& k = c.claim;
    const auto value = [&](std::int64_t v) { return to_decimal(v, k.exp.value) + " " + k.unit; };
    const auto gap = std::max(k.annotation.gap_max, k.gap_edge);
    table.rows.push_back(
        {{k.step, k.channel, iso(k.start), iso(k.end), value(k.annotation.min),
          value(k.annotation.max), fmt::format("{}/{}", k.annotation.count, k.expected),
          fmt::format("{} s, {} declared", (gap + 999) / 1000, k.gaps.size()),
          value(k.limits.min) + " to " + value(k.limits.max),
          c.within_limits ? "within" : "OUTSIDE"},
         c.within_limits ? Paint::kPlain : Paint::kBad});
  }
  out.table(table);
}

void show_others(const VerdictResult& r, Output& out) {
  for (const auto& s : r.others) {
    const std::string open = s.segment.audience == Audience::kPublic ? "" : " (not public)";
    const auto content = as_text(s.segment.content);
    const bool text = s.segment.media == "text/plain" && is_utf8(content);  // check 11
    out.line(s.segment.name + open + ": " +
             (text ? std::string(content) : std::to_string(content.size()) + " bytes"));
  }
  if (r.non_public_shown)
    out.line("Segments marked (not public) are shown to you alone; pages refuse such a receipt.",
             Paint::kWarn);
}

void show_checks(const VerdictResult& r, Output& out) {
  out.line("");
  Table table{{"check", "holds", "why"}, {}};
  for (std::size_t i = 0; i < proof::kCheckCount; ++i) {
    const auto& c = r.checks[i];
    const std::string holds = !c.ok ? "-" : *c.ok ? "yes" : "NO";
    std::string why(c.error == Errc::kOk ? std::string_view{} : name(c.error));
    if (!why.empty() && !c.why.empty()) why += ": ";
    why += c.why;
    table.rows.push_back({{std::string(proof::name(static_cast<proof::CheckName>(i))), holds, why},
                          c.ok && !*c.ok ? Paint::kBad : Paint::kPlain});
  }
  out.table(table);
}

void show(const VerdictResult& r, const std::string& fingerprint, Output& out) {
  out.line(std::string(name(r.verdict)), paint_of(r.verdict));
  out.line(proof::plain_words(r.verdict));
  if (!fingerprint.empty()) out.line("consortium " + fingerprint, Paint::kDim);
  const bool hidden = r.verdict == VerdictKind::kUnknown || r.verdict == VerdictKind::kTampered;
  if (r.application && !hidden) {
    out.line("");
    show_lot(r, out);
    show_claims(r, out);
    show_others(r, out);
  }
  show_checks(r, out);
  out.line("");
  out.line("What this does not prove:", Paint::kStrong);
  for (const auto code : proof::not_proved(r)) {
    out.line("- " + std::string(proof::not_proved_words(code)));
  }
}

std::string fingerprint_of(ByteView anchor) {
  auto read = read_anchor(anchor);
  if (!read) return {};
  auto genesis = open_genesis(read->genesis.bytes);
  return genesis ? grouped_fingerprint(genesis->id) : std::string{};
}

Result<proof::Asked> asked_for(const VerifyArguments& a) {
  proof::Asked asked;
  if (a.gtin) {
    asked.gtin = gs1::pad_gtin(*a.gtin);
    if (!valid(Gtin{*asked.gtin}))
      return fail(Errc::kUsage,
                  "--gtin \"" + *a.gtin + "\" is no GTIN: digits, or the last one, are wrong");
  }
  if (a.lot) {
    asked.lot = a.lot;
    if (!valid(LotNumber{*a.lot}))
      return fail(Errc::kUsage, "--lot \"" + *a.lot + "\" is no lot number of GS1's character set");
  }
  return asked;
}

Result<Time> judged_at(const VerifyArguments& a) {
  if (a.now.empty()) return SystemClock().now();
  const auto given = from_iso(a.now);
  if (given) return *given;
  return fail(Errc::kUsage, "--now " + a.now + ": not a time such as 2026-01-05T08:00:00Z");
}

// One byte above its limit is enough for the verifier to say that a file is too large.
Result<VerdictResult> judge(const VerifyArguments& a, Bytes& anchor) {
  LM_ASSIGN(const proof::Asked asked, asked_for(a));
  LM_ASSIGN(const Time now, judged_at(a));
  LM_ASSIGN(const Bytes receipt, read_file_start(a.receipt, limits::kReceipt + 1));
  LM_ASSIGN(anchor, read_file_start(a.anchor, limits::kAnchor + 1));
  proof::VerifyOptions options;
  options.show_non_public = true;
  return proof::verify_receipt(receipt, anchor, asked, now, options);
}

}  // namespace

Exit run_verify(const VerifyArguments& a, Output& out) {
  Bytes anchor;
  const auto judged = judge(a, anchor);
  if (!judged) return out.error(judged.error());
  const VerdictResult& result = *judged;
  const Exit exit = result.verdict == VerdictKind::kReleased   ? Exit::kDone
                    : result.verdict == VerdictKind::kTampered ? Exit::kTampered
                                                               : Exit::kFailed;
  if (!out.json) {
    show(result, fingerprint_of(anchor), out);
    return exit;
  }
  const Exit printed = out.value(proof::to_json(result));
  return printed == Exit::kDone ? exit : printed;
}

}  // namespace lotmark::cli
