#include "cli/verify.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/files.h"
#include "core/gs1/digital_link.h"
#include "core/proof/verdict.h"

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
    const bool text = s.segment.media == "text/plain" && s.segment.content.size() <= 1024;
    out.line(s.segment.name + open + ": " +
             (text ? std::string(as_text(s.segment.content))
                   : std::to_string(s.segment.content.size()) + " bytes"));
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

}  // namespace

Exit run_verify(const VerifyArguments& a, Output& out) {
  const auto receipt = read_file(a.receipt);
  if (!receipt) return out.error(receipt.error());
  const auto anchor = read_file(a.anchor);
  if (!anchor) return out.error(anchor.error());
  Time now = SystemClock().now();
  if (!a.now.empty()) {
    const auto given = from_iso(a.now);
    if (!given)
      return out.error(
          fail(Errc::kUsage, "--now " + a.now + ": not a time such as 2026-01-05T08:00:00Z"));
    now = *given;
  }
  proof::Asked asked;
  if (!a.gtin.empty()) asked.gtin = gs1::pad_gtin(a.gtin);
  if (!a.lot.empty()) asked.lot = a.lot;
  proof::VerifyOptions options;
  options.show_non_public = true;
  const auto result = proof::verify_receipt(*receipt, *anchor, asked, now, options);
  const Exit exit = result.verdict == VerdictKind::kReleased   ? Exit::kDone
                    : result.verdict == VerdictKind::kTampered ? Exit::kTampered
                                                               : Exit::kFailed;
  if (!out.json) {
    show(result, fingerprint_of(*anchor), out);
    return exit;
  }
  const Exit printed = out.value(proof::to_json(result));
  return printed == Exit::kDone ? exit : printed;
}

}  // namespace lotmark::cli
