#include "cli/verify.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ca/layout.h"
#include "cli/event.h"
#include "cli/files.h"
#include "cli/item.h"
#include "cli/shown.h"
#include "cli/verify_archived.h"
#include "cli/verify_chain.h"
#include "core/gs1/digital_link.h"
#include "core/proof/event_proof.h"
#include "core/proof/verdict.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

using proof::VerdictResult;

Paint paint_of(VerdictKind v) {
  if (v == VerdictKind::kReleased) return Paint::kGood;
  return v == VerdictKind::kNotFinal || v == VerdictKind::kUnknown ? Paint::kWarn : Paint::kBad;
}

void show_lot(const VerdictResult& r, Output& out) {
  const Application& a = *r.application;
  Table table;
  table.rows = {{{"product", a.product}},
                {{"GTIN", a.gtin.text}},
                {{"lot", a.lot.text}},
                {{"expires", std::to_string(a.expires.yyyymmdd)}},
                {{"release", r.release_number}},
                {{"block", fmt::format("{} of {}", r.block_number, iso_of_ms(r.block_time))}}};
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
        {{k.step, k.channel, iso_of_ms(k.start), iso_of_ms(k.end), value(k.annotation.min),
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
  for (std::size_t i = 0; i < proof::kCheckCount; ++i)
    table.rows.push_back(check_row(proof::name(static_cast<proof::CheckName>(i)), r.checks[i]));
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

Exit exit_of(VerdictKind v) {
  if (v == VerdictKind::kReleased) return Exit::kDone;
  return v == VerdictKind::kTampered ? Exit::kTampered : Exit::kFailed;
}

// The anchor with the file's links in it; an anchor that is none is the verifier's to name.
Status follow(const std::string& rollover, Bytes& anchor) {
  LM_ASSIGN(const Bytes bytes, read_file(rollover, limits::kObject));
  LM_ASSIGN(auto file, read_rollover(bytes));
  auto read = read_anchor(anchor);
  if (!read) return {};
  LM_ASSIGN(auto roots, proof::Statements::from_roots(*read));
  LM_TRY(roots.follow(file.links));
  for (auto& link : file.links) read->links.push_back(std::move(link));
  anchor = encode_anchor(*read);
  return {};
}

// What is asked of which bytes.
struct Question {
  Bytes file;
  Bytes anchor;
  proof::Asked asked;
  Time now;
};

// One byte above its limit is enough for the verifier to say that a file is too large.
Result<Question> question(const VerifyArguments& a) {
  Question q;
  LM_ASSIGN(q.asked, asked_for(a));
  LM_ASSIGN(q.now, judged_at(a));
  if (a.receipt.empty() == a.event.empty())
    return fail(Errc::kUsage, "name one file: a receipt or archived proof, or --event FILE");
  LM_ASSIGN(q.file,
            read_file_start(a.event.empty() ? a.receipt : a.event, limits::kEventProof + 1));
  LM_ASSIGN(q.anchor, read_file_start(a.anchor, limits::kAnchor + 1));
  if (!a.rollover.empty()) LM_TRY(follow(a.rollover, q.anchor));
  return q;
}

// Of an item beside a receipt; nothing where none is asked for. Where the lot's own check did not come to an application
// there is nothing to hold it against.
Result<std::optional<ItemAnswer>> answer_item(const VerifyArguments& a,
                                              const VerdictResult& result) {
  if (a.item.empty()) return std::optional<ItemAnswer>();
  LM_ASSIGN(const Bytes file, read_file_start(a.item, limits::kItemProof + 1));
  const bool unproved =
      result.verdict == VerdictKind::kUnknown || result.verdict == VerdictKind::kTampered;
  if (unproved || !result.application) {
    ItemAnswer answer;
    answer.error = fail(Errc::kTreePath, "the receipt proves no lot to hold it against");
    return std::optional(answer);
  }
  return std::optional(check_item_file(file, a.serial, *result.application, result.block_id));
}

Exit worse(Exit a, Exit b) {
  if (a == Exit::kTampered || b == Exit::kTampered) return Exit::kTampered;
  return a == Exit::kDone ? b : a;
}

Exit answer_archived(const Question& q, Output& out) {
  const auto result = proof::verify_archived(q.file, q.anchor, q.asked);
  const Exit exit = exit_of(result.verdict);
  if (!out.json) {
    show_archived(result, fingerprint_of(q.anchor), out);
    return exit;
  }
  const Exit printed = out.value(proof::to_json(result));
  return printed == Exit::kDone ? exit : printed;
}

Exit answer_receipt(const Question& q, const VerifyArguments& a, Output& out) {
  proof::VerifyOptions options;
  options.show_non_public = true;
  auto result = proof::verify_receipt(q.file, q.anchor, q.asked, q.now, options);
  if (!a.chain.empty()) {
    const Status known = add_what_chain_knows(a.chain, q.anchor, result);
    if (!known) return out.error(known.error());
  }
  const auto item = answer_item(a, result);
  if (!item) return out.error(item.error());
  const Exit exit =
      *item ? worse(exit_of(result.verdict), exit_of(**item)) : exit_of(result.verdict);
  if (!out.json) {
    show(result, fingerprint_of(q.anchor), out);
    if (*item) {
      out.line("");
      show_item(**item, out);
    }
    return exit;
  }
  nlohmann::json told = proof::to_json(result);
  if (*item) told["item"] = to_json(**item);
  const Exit printed = out.value(told);
  return printed == Exit::kDone ? exit : printed;
}

}  // namespace

Exit run_verify(const VerifyArguments& a, Output& out) {
  const auto q = question(a);
  if (!q) return out.error(q.error());
  if (!a.event.empty() || proof::is_event_proof(q->file)) {
    if (a.gtin || a.lot || !a.chain.empty() || !a.item.empty())
      return out.error(
          fail(Errc::kUsage, "--gtin, --lot, --chain and --item are not for event proofs"));
    return answer_event(q->file, q->anchor, fingerprint_of(q->anchor), out);
  }
  if (!proof::is_archived(q->file)) return answer_receipt(*q, a, out);
  if (a.item.empty()) return answer_archived(*q, out);
  return out.error(fail(Errc::kUsage, "an archived proof shows no serials to hold --item against"));
}

}  // namespace lotmark::cli
