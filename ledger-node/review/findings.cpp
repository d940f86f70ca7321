#include "ledger-node/review/findings.h"

#include <fmt/format.h>

#include <set>

#include "core/base/hex.h"
#include "ledger-node/review/claim_check.h"
#include "ledger-node/review/record_check.h"

namespace lotmark::review {

namespace {

// A claim of a record and the bundles the enterprise names for it.
struct ShownClaim {
  Claim claim;
  Bytes content;
  std::size_t row = 0;
  std::vector<EvidenceRef> evidence;
};

class LotReview {
 public:
  explicit LotReview(const ReviewInput& input)
      : in_(input), records_(input, list_), book_(input, list_), births_(input, list_) {}

  ReviewFindings run() {
    check_start();
    check_late();
    if (!in_.rows) {
      list_.add(FindingCode::kUnreadable, "rows of the lot: " + in_.unreadable);
    } else if (check_rows()) {
      drop_corrected();
      check_claims();
      check_coverage();
      check_release();
      book_.remark_clocks();
    }
    out_.findings = list_.take();
    return std::move(out_);
  }

 private:
  void check_start();
  void check_late();
  bool check_rows();
  void take_claims(const LotRow& row, std::size_t n);
  void take_note(const Segment& segment, std::size_t n);
  void drop_corrected();
  void check_claims();
  void check_coverage();
  void check_release();
  void check_notes();

  const ReviewInput& in_;
  FindingList list_;
  RecordCheck records_;
  EvidenceBook book_;
  CalibrationBook births_;
  std::vector<std::optional<CheckedRow>> rows_;
  std::vector<ShownClaim> step_claims_;
  std::vector<ShownClaim> release_claims_;
  using Note = std::tuple<std::string, std::string, Bytes>;  // name, media, content
  std::map<Note, std::vector<std::size_t>> told_;  // public notes of the steps, and in which rows
  std::set<Note> shown_notes_;                     // of the release record
  std::set<Digest> corrected_;
  ReviewFindings out_;
};

void LotReview::check_start() {
  if (!in_.start) {
    return list_.add(FindingCode::kStartUnknown, "the start signal never arrived here",
                     in_.opening.body.start);
  }
  auto start = lotmark::open<Start>(*in_.start, in_.chain);
  if (!start || start->id != in_.opening.body.start) {
    return list_.add(FindingCode::kStartUnknown, "another start signal arrived here",
                     in_.opening.body.start);
  }
  const auto key = in_.enrolled->find(start->kid);
  if (key == in_.enrolled->end() || key->second.kind != EnrolmentKind::kStart ||
      !start->verified_by(key->second.key)) {
    list_.add(FindingCode::kSignatureBad, "the start signal is not signed by an enrolled one",
              start->id);
  } else if (const auto s = in_.suspected.find(start->kid);
             s != in_.suspected.end() && in_.start_at >= s->second.time) {
    list_.add(FindingCode::kSignatureBad,
              fmt::format("the start signal's key is revoked since block {}", s->second.block),
              start->id);
  }
}

void LotReview::check_late() {
  const auto& slots = in_.opening.body.slots;
  for (std::size_t i = 0; i < slots.size() && i < in_.transactions.size(); ++i) {
    const std::uint64_t due = slots[i] + in_.lateness;
    if (in_.transactions[i].at <= due) continue;
    list_.add(
        FindingCode::kTransactionLate,
        fmt::format("transaction {} arrived {} s after its slot", i,
                    to_decimal(static_cast<std::int64_t>(in_.transactions[i].at - slots[i]), -3)),
        in_.transactions[i].id);
  }
}

bool LotReview::check_rows() {
  const auto opening = lotmark::open<Opening>(in_.rows->opening, in_.chain);
  const auto start = lotmark::open<Start>(in_.rows->start, in_.chain);
  if (!opening || opening->id != in_.opening.id || !start || start->id != in_.opening.body.start) {
    list_.add(FindingCode::kUnreadable, "rows of the lot: they are of another opening");
    return false;
  }
  const auto& rows = in_.rows->rows;
  for (std::size_t n = 0; n < rows.size(); ++n) {
    rows_.push_back(records_.check(rows[n], n));
    if (rows_.back()) take_claims(rows[n], n);
  }
  for (std::size_t n = rows.size(); n < in_.transactions.size(); ++n) {
    list_.add(FindingCode::kTransactionMissing, fmt::format("transaction {} has no record", n),
              in_.transactions[n].id);
  }
  return true;
}

// As it stands in the row: a receipt shows it as it is.
static bool for_all(const LotRow& row, std::size_t segment) {
  const auto stood = decode<Segment>(row.segments[segment]);
  return stood && !sealed::is_sealed(*stood) && stood->audience == Audience::kPublic;
}

void LotReview::take_claims(const LotRow& row, std::size_t n) {
  const CheckedRow& checked = *rows_[n];
  std::vector<Claim> claims;
  for (std::size_t s = 0; s < checked.segments.size(); ++s) {
    const Segment& segment = checked.segments[s];
    if (births_.take(n, segment)) continue;
    if (segment.name != kClaimName && segment.media != kClaimMedia) {
      take_note(segment, n);
      continue;
    }
    auto claim = decode<Claim>(segment.content);
    if (!claim || segment.name != kClaimName || segment.media != kClaimMedia) {
      const std::string why = claim ? "named otherwise than its media" : claim.error().message();
      list_.add(FindingCode::kUnreadable, fmt::format("record {}, claim {}: {}", n, s, why));
      continue;
    }
    claims.push_back(*claim);
    if (checked.head.kind == RecordKind::kRelease && !for_all(row, s)) {
      list_.add(FindingCode::kRootMismatch,
                fmt::format("release record: its claim of {} {} {} is not in the clear for the "
                            "public",
                            claim->step, book_.device_name(claim->device), claim->channel));
    }
    ShownClaim shown{*std::move(claim), segment.content, n, {}};
    for (const auto& e : row.evidence) {
      if (e.segment == s) shown.evidence = e.bundles;
    }
    (checked.head.kind == RecordKind::kRelease ? release_claims_ : step_claims_)
        .push_back(std::move(shown));
  }
  if (checked.head.kind != RecordKind::kRelease) births_.check_note(n, checked.segments, claims);
}

// What the public is told beside claims was told by an author in a step.
void LotReview::take_note(const Segment& segment, std::size_t n) {
  if (segment.audience != Audience::kPublic) return;
  Note note(segment.name, segment.media, segment.content);
  if (rows_[n]->head.kind != RecordKind::kRelease) {
    told_[std::move(note)].push_back(n);
    return;
  }
  shown_notes_.insert(note);
  if (!told_.contains(note)) {
    list_.add(FindingCode::kRootMismatch,
              fmt::format("release record: its note \"{}\" is no step's",
                          chain::plain_text(segment.name)));
  }
}

// A correction stands in for the record it corrects, which must come before it and be of the same step.
void LotReview::drop_corrected() {
  std::map<Digest, std::optional<std::string>> seen;
  for (std::size_t n = 0; n < rows_.size(); ++n) {
    if (!rows_[n]) continue;
    const RecordHead& h = rows_[n]->head;
    if (h.corrects) {
      const auto it = seen.find(*h.corrects);
      if (it == seen.end() || it->second != h.step) {
        list_.add(FindingCode::kCommitmentMismatch,
                  fmt::format("record {}: corrects no record of its step before it", n));
      } else {
        corrected_.insert(*h.corrects);
      }
    }
    seen.emplace(rows_[n]->commitment, h.step);
  }
  std::erase_if(step_claims_,
                [&](const ShownClaim& c) { return corrected_.contains(rows_[c.row]->commitment); });
}

void LotReview::check_claims() {
  for (const auto& shown : step_claims_) {
    const LineStep* step = rows_[shown.row]->step;
    const Claim& c = shown.claim;
    const auto has = [](const auto& list, const auto& x) {
      return std::find(list.begin(), list.end(), x) != list.end();
    };
    if (step == nullptr || c.step != step->label || !has(step->devices, c.device) ||
        !has(step->channels, c.channel)) {
      list_.add(FindingCode::kStepMissing,
                fmt::format("record {}: {} {} is not in the line file's step", shown.row,
                            book_.device_name(c.device), c.channel));
      continue;
    }
    const std::uint64_t place = out_.claims.size();
    out_.claims.push_back({c, book_.device_name(c.device), {}});
    ClaimCheck check(in_, book_, list_, c, *step, place, births_.births(shown.row, c.device));
    check.run(shown.evidence);
    out_.claims.back().calibration = check.calibration();
  }
}

// Every step, device and channel of the line file has its record.
void LotReview::check_coverage() {
  std::set<std::string> steps;
  for (const auto& row : rows_) {
    if (row && row->step != nullptr && !corrected_.contains(row->commitment)) {
      steps.insert(row->step->label);
    }
  }
  std::set<std::tuple<std::string, KeyId, std::string>> claimed;
  for (const auto& c : out_.claims) claimed.emplace(c.claim.step, c.claim.device, c.claim.channel);
  for (const auto& s : in_.line.steps) {
    if (!steps.contains(s.label)) {
      list_.add(FindingCode::kStepMissing, "no record of " + s.label);
      continue;
    }
    for (const auto& device : s.devices) {
      for (const auto& channel : s.channels) {
        if (claimed.contains({s.label, device, channel})) continue;
        list_.add(FindingCode::kStepMissing, fmt::format("{} {} {} has no claim", s.label,
                                                         book_.device_name(device), channel));
      }
    }
  }
}

// Nothing that an author told the public in a step is kept back.
void LotReview::check_notes() {
  for (const auto& [note, rows] : told_) {
    const bool stands = std::ranges::any_of(
        rows, [&](std::size_t n) { return !corrected_.contains(rows_[n]->commitment); });
    if (!stands || shown_notes_.contains(note)) continue;
    list_.add(FindingCode::kRootMismatch,
              fmt::format("release record: the note \"{}\" of record {} is not in it",
                          chain::plain_text(std::get<0>(note)), rows.front()));
  }
}

// The last record, and only it, is the release record; what the public is shown there is what was
// reviewed, and of the programme's channels all of it.
void LotReview::check_release() {
  for (std::size_t n = 0; n < rows_.size(); ++n) {
    const bool last = n + 1 == rows_.size();
    if (!rows_[n] || (rows_[n]->head.kind == RecordKind::kRelease) == last) continue;
    list_.add(FindingCode::kStepMissing,
              last ? "the last record is no release record"
                   : fmt::format("record {}: a release record before the end", n));
    return;
  }
  std::set<Bytes> reviewed;
  std::set<Bytes> missing;
  for (const auto& c : step_claims_) {
    reviewed.insert(c.content);
    if (in_.published.contains(c.claim.channel)) missing.insert(c.content);
  }
  for (const auto& c : release_claims_) {
    missing.erase(c.content);
    if (reviewed.contains(c.content)) continue;
    list_.add(FindingCode::kRootMismatch,
              fmt::format("release record: its claim of {} {} {} is no step's", c.claim.step,
                          book_.device_name(c.claim.device), c.claim.channel));
  }
  if (!missing.empty()) {
    list_.add(FindingCode::kRootMismatch,
              fmt::format("release record: {} of the steps' claims are not in it", missing.size()));
  }
  check_notes();
}

}  // namespace

bool ReviewFindings::refuse() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const FoundItem& f) { return refuses(f.finding.code) || f.by_rule; });
}

ReviewFindings compute_findings(const ReviewInput& input) { return LotReview(input).run(); }

}  // namespace lotmark::review
