#include "cli/verify_archived.h"

#include <fmt/format.h>

#include "core/base/hex.h"

namespace lotmark::cli {

namespace {

void show_cut(const proof::ArchivedResult& r, Output& out) {
  Table table;
  table.rows = {
      {{"GTIN", *r.asked.gtin}},
      {{"lot", *r.asked.lot}},
      {{"expires", std::to_string(r.tombstone->expires.yyyymmdd)}},
      {{"block", std::to_string(r.tombstone->block)}},
      {{"cut", fmt::format("blocks {} to {}, by block {} of {}", r.cut->first, r.cut->last,
                           r.cut_block, to_iso(from_ms(static_cast<std::int64_t>(r.cut_time))))}},
      {{"archive", to_hex(r.cut->archive)}}};
  const proof::Finality& f = *r.finality;
  table.rows.push_back({{"votes", fmt::format("{} of {} members, quorum {}, {} flags", f.votes,
                                              f.members, f.quorum, r.cut->flags.size())}});
  out.table(table);
}

}  // namespace

Table::Row check_row(std::string_view of, const proof::CheckResult& c) {
  const std::string holds = !c.ok ? "-" : *c.ok ? "yes" : "NO";
  std::string why(c.error == Errc::kOk ? std::string_view{} : name(c.error));
  if (!why.empty() && !c.why.empty() && c.why != why) why += ": ";
  if (c.why != name(c.error)) why += c.why;
  return {{std::string(of), holds, why}, c.ok && !*c.ok ? Paint::kBad : Paint::kPlain};
}

void show_archived(const proof::ArchivedResult& r, const std::string& fingerprint, Output& out) {
  const bool tampered = r.verdict == VerdictKind::kTampered;
  out.line(std::string(name(r.verdict)), tampered ? Paint::kBad : Paint::kWarn);
  out.line(proof::plain_words(r.verdict));
  if (!fingerprint.empty()) out.line("consortium " + fingerprint, Paint::kDim);
  if (r.verdict == VerdictKind::kArchived || r.verdict == VerdictKind::kNotFinal) {
    out.line("");
    show_cut(r, out);
  }
  out.line("");
  Table table{{"check", "holds", "why"}, {}};
  for (std::size_t i = 0; i < proof::kArchivedCheckCount; ++i)
    table.rows.push_back(check_row(proof::name(static_cast<proof::ArchivedCheck>(i)), r.checks[i]));
  out.table(table);
  out.line("");
  out.line("What this does not prove:", Paint::kStrong);
  for (const auto code : proof::not_proved(r))
    out.line("- " + std::string(proof::archived_not_proved_words(code)));
}

}  // namespace lotmark::cli
