#include "ledger-node/review/record_check.h"

#include <fmt/format.h>

namespace lotmark::review {

bool is_decoy(const RecordHead& head, const std::vector<Segment>& segments) {
  return head.kind == RecordKind::kDecoy && !head.step && !head.corrects && segments.size() == 1 &&
         segments[0].name.empty() && segments[0].audience == Audience::kRegulator &&
         segments[0].media == kDecoyMedia && segments[0].content.size() == 32;
}

void RecordCheck::add(FindingCode code, std::string_view text, std::optional<Digest> object) {
  list_.add(code, fmt::format("record {}: {}", n_, text), object);
}

std::optional<CheckedRow> RecordCheck::check(const LotRow& row, std::size_t n) {
  n_ = n;
  CheckedRow out;
  const bool readable = read(row, out);
  if (readable) {
    check_record(row, out);
    check_kind(out);
    check_chain(row, out);
    check_transaction(row, out);
  }
  previous_ = row.hash;  // as stated: one broken row is not said of all that follow it
  if (!readable) return std::nullopt;
  return out;
}

bool RecordCheck::read(const LotRow& row, CheckedRow& out) {
  auto head = decode<RecordHead>(row.head);
  if (!head) {
    add(FindingCode::kUnreadable, "head: " + head.error().message());
    return false;
  }
  out.head = *std::move(head);
  for (std::uint64_t i = 0; i < row.segments.size(); ++i) {
    auto segment = decode<Segment>(row.segments[i]);
    if (!segment) {
      add(FindingCode::kUnreadable, "segment: " + segment.error().message());
      return false;
    }
    out.segments.push_back(open(row, i, *std::move(segment)));
  }
  return true;
}

// One that stays closed is a finding, and stands in its place as it is: what holds without opening it is checked.
Segment RecordCheck::open(const LotRow& row, std::uint64_t i, Segment segment) {
  auto opened = chain::open_by(in_.chain, segment, row.recipients_of(i), in_.opening_keys);
  if (opened) return *std::move(opened);
  add(FindingCode::kUnreadable, fmt::format("segment {}: {}", i, opened.error().message()));
  return segment;
}

// The author's signature stands over a commitment; what is shown must give that one.
void RecordCheck::check_record(const LotRow& row, CheckedRow& out) {
  const Digest computed =
      commitment(in_.chain, in_.opening.body.start, out.head, segments_root(row.segments));
  auto record = lotmark::open<Record>(row.record, in_.chain);
  out.commitment = record ? record->body.commitment : computed;
  if (!record) return add(FindingCode::kSignatureBad, record.error().message());
  if (out.commitment != computed || row.segments.size() != out.head.segments) {
    add(FindingCode::kCommitmentMismatch, "what is shown does not give its commitment", record->id);
  }
  check_author(*record, out);
  if (record->body.inner.has_value() != (out.head.kind == RecordKind::kHandover)) {
    add(FindingCode::kCommitmentMismatch,
        "the other party's signature stands where none may, or is not there", record->id);
  } else if (record->body.inner) {
    check_inner(record->body);
  }
}

// Decoys and the release record are the keeping member's own; all else an enrolled author's.
const PublicKey* RecordCheck::author_key(const KeyId& kid, RecordKind kind) const {
  if (kind == RecordKind::kDecoy || kind == RecordKind::kRelease) {
    return kid == in_.enterprise.kid ? &in_.enterprise.public_key : nullptr;
  }
  const auto it = in_.enrolled->find(kid);
  if (it == in_.enrolled->end() || it->second.kind == EnrolmentKind::kStart) return nullptr;
  return &it->second.key;
}

void RecordCheck::check_author(const Signed<Record>& record, const CheckedRow& row) {
  const PublicKey* key = author_key(row.head.author, row.head.kind);
  if (record.kid != row.head.author) {
    add(FindingCode::kAuthorWrong, "signed by another than its author", record.id);
  } else if (key == nullptr) {
    add(FindingCode::kAuthorWrong, "its author may not sign it", record.id);
  } else if (!record.verified_by(*key)) {
    add(FindingCode::kSignatureBad, "not signed by its author", record.id);
  } else if (const auto s = in_.suspected.find(record.kid);
             s != in_.suspected.end() && n_ < in_.transactions.size() &&
             in_.transactions[n_].at >= s->second.time) {
    add(FindingCode::kSignatureBad,
        fmt::format("its author's key is revoked since block {}", s->second.block), record.id);
  }
}

void RecordCheck::check_inner(const Record& record) {
  auto inner = lotmark::open<Record>(record.inner->bytes, in_.chain);
  if (!inner) return add(FindingCode::kSignatureBad, "other party: " + inner.error().message());
  if (inner->body.commitment != record.commitment || inner->body.inner) {
    return add(FindingCode::kCommitmentMismatch, "the other party signed something else",
               inner->id);
  }
  const PublicKey* key = author_key(inner->kid, RecordKind::kHandover);
  if (key == nullptr || !inner->verified_by(*key)) {
    add(FindingCode::kSignatureBad, "not signed by the other party", inner->id);
  }
}

void RecordCheck::check_kind(CheckedRow& row) {
  const RecordHead& h = row.head;
  if (h.corrects.has_value() != (h.kind == RecordKind::kCorrection) ||
      h.kind == RecordKind::kPeriod ||
      (h.kind == RecordKind::kDecoy && !is_decoy(h, row.segments)) ||
      (h.kind == RecordKind::kRelease && h.step)) {
    return add(FindingCode::kCommitmentMismatch, "not of the form its kind has");
  }
  if (h.kind == RecordKind::kDecoy || h.kind == RecordKind::kRelease) return;
  for (const auto& s : in_.line.steps) {
    if (h.step && s.label == *h.step) row.step = &s;
  }
  if (row.step == nullptr) {
    add(FindingCode::kStepMissing,
        "step " + h.step.value_or("without name") + " is not in the line file");
  } else if (row.step->author != h.author) {
    add(FindingCode::kAuthorWrong, "author of " + *h.step + " is not the line file's");
  }
}

void RecordCheck::check_chain(const LotRow& row, const CheckedRow& checked) {
  if (row_hash(checked.commitment, checked.head.time, previous_) != row.hash) {
    add(FindingCode::kChainBroken, "its row does not follow the one before");
  } else if (checked.head.time < time_) {
    add(FindingCode::kChainBroken, "older than the one before");
  }
  time_ = std::max(time_, checked.head.time);
}

// The transaction is the one that arrived here at this place, and commits to this record.
void RecordCheck::check_transaction(const LotRow& row, const CheckedRow& checked) {
  auto tx = lotmark::open<Transaction>(row.transaction, in_.chain);
  if (!tx || n_ >= in_.transactions.size() || tx->id != in_.transactions[n_].id) {
    return add(FindingCode::kTransactionMissing,
               "its transaction is not the one that arrived here");
  }
  if (tx->body.commitment != checked.commitment) {
    add(FindingCode::kCommitmentMismatch, "its transaction commits to another record", tx->id);
  }
}

}  // namespace lotmark::review
