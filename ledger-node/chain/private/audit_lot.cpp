// Batches: opening, private chain, transactions, application and what was disclosed, against each
// other and against the lot's block.
#include <fmt/format.h>

#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/audit_lot.h"
#include "ledger-node/chain/private/audit_state.h"
#include "ledger-node/chain/private/disclosure.h"

namespace lotmark::chain {

Status LotAudit::audit() {
  LM_ASSIGN(bool readable, read_batch());
  if (!readable) return {};
  find_decision();
  if (!run_.received(lot_.opening.body.start))
    fault("batch", {}, Errc::kNotFound, "its start signal is not in the received log");
  LM_TRY(check_records());
  check_root();
  check_slots();
  check_claims();
  LM_TRY(check_waiting());
  LM_TRY(check_serials());
  return check_disclosure();
}

void LotAudit::fault(std::string_view table, std::optional<std::uint64_t> row, Errc e,
                     std::string text) {
  run_.fault(
      {std::string(table), row, row ? what_ : "", lot_.name, lot_.block, e, std::move(text), {}});
}

void LotAudit::same(bool equal, std::string_view column, std::string_view than) {
  if (equal) return;
  fault("batch", {}, Errc::kCorrupt, fmt::format("{} differs from its {}", column, than));
}

Result<bool> LotAudit::read_batch() {
  LM_ASSIGN(
      auto q,
      run_.db.prepare(
          "SELECT opening, lot, gtin, programme, line, opening_id, state, application, "
          "application_id, product, expires, block, disclosure, disclosed FROM batch WHERE start = "
          "?"));
  LM_ASSIGN(bool row, q.bind(1, start_).step());
  if (!row) return fail(Errc::kCorrupt, "a batch went away while it was read");
  lot_.name = q.text(1);
  lot_.state = q.text(6);
  auto opening = open<Opening>(q.blob(0), run_.id());
  if (!opening) {
    fault("batch", {}, opening.code(), "its opening does not hold");
    return false;
  }
  lot_.opening = *std::move(opening);
  const Member* m = member_of(run_.chain, lot_.opening.kid);
  if (m == nullptr || !m->has(Role::kKeeping) || !run_.own(lot_.opening.kid) ||
      !lot_.opening.verified_by(m->public_key)) {
    fault("batch", {}, Errc::kCoseSignature, "its opening is not signed by this node");
  }
  run_.sent.push_back(lot_.opening.id);
  check_opening_columns(q);
  check_arrivals("batch", {}, lot_.opening.id, "opening");
  if (!q.is_null(11)) stored_block_ = q.u64(11);
  if (!q.is_null(12)) disclosure_ = to_bytes(q.blob(12));
  disclosed_ = q.integer(13) != 0;
  read_application(q);
  return true;
}

void LotAudit::check_opening_columns(const store::Query& q) {
  const Opening& o = lot_.opening.body;
  same(o.start == start_, "start", "opening");
  same(o.lot && o.lot->text == q.text(1), "lot", "opening");
  same(o.gtin.text == q.text(2), "gtin", "opening");
  same(o.programme == q.text(3), "programme", "opening");
  same(Digest::from(q.blob(4)) == o.line, "line", "opening");
  same(Digest::from(q.blob(5)) == lot_.opening.id, "opening_id", "opening");
}

void LotAudit::read_application(const store::Query& q) {
  if (q.is_null(7)) {
    if (lot_.state != "open") fault("batch", {}, Errc::kNotFound, "its application is missing");
    return;
  }
  auto a = open<Application>(q.blob(7), run_.id());
  if (!a) return fault("batch", {}, a.code(), "its application does not hold");
  const Member* m = member_of(run_.chain, a->kid);
  const Opening& o = lot_.opening.body;
  if (m == nullptr || a->kid != lot_.opening.kid || !a->verified_by(m->public_key)) {
    fault("batch", {}, Errc::kCoseSignature, "its application is not signed by this node");
  }
  same(a->body.opening == lot_.opening.id && a->body.start == o.start && a->body.gtin == o.gtin &&
           a->body.lot == o.lot && a->body.programme == o.programme,
       "opening", "application");
  same(Digest::from(q.blob(8)) == a->id, "application_id", "application");
  same(q.text(9) == a->body.product, "product", "application");
  same(q.u64(10) == a->body.expires.yyyymmdd, "expires", "application");
  run_.sent.push_back(a->id);
  stored_application_ = *std::move(a);
}

// The block that decided on the lot, found by the lot's own name first: an application put in
// afterwards is no way round it.
void LotAudit::find_decision() {
  const Opening& o = lot_.opening.body;
  if (!o.lot) return;  // said already
  const auto released = run_.open(run_.book.released(lot_.opening.kid, o.gtin.text, o.lot->text));
  if (released) {
    lot_.application = released->application;
    take_decision(released->seen.block, false);
    if (stored_application_ && stored_application_->id != lot_.application->id)
      fault("batch", {}, Errc::kCorrupt, "its application is not the one that was released");
  } else if (stored_application_) {
    lot_.application = stored_application_;
    const auto refused = run_.book.refusal(stored_application_->id);
    if (refused) take_decision(refused->block, true);
  }
  archived_ = !lot_.block && stored_block_ && *stored_block_ < run_.chain.dropped_end();
  if (archived_) return;  // the block's body was cut: the archive has it
  const bool decided = lot_.state == "released" || lot_.state == "refused";
  if (decided && !lot_.block)
    fault("batch", {}, Errc::kNotFound, "is " + lot_.state + ", the chain knows nothing of it");
  if (stored_block_ && stored_block_ != lot_.block) {
    fault("batch", {}, Errc::kCorrupt, fmt::format("names block {}", *stored_block_));
  }
}

void LotAudit::take_decision(std::uint64_t block, bool refused) {
  lot_.block = block;
  if (lot_.state == (refused ? "released" : "refused") || lot_.state == "open") {
    fault("batch", {}, Errc::kCorrupt,
          fmt::format("is {}, the chain {} it", lot_.state, refused ? "refused" : "released"));
  }
}

void LotAudit::check_root() {
  if (!lot_.application) return;
  what_.clear();
  merkle::CompactRange tree;
  for (const auto& id : lot_.tx_ids) tree.append(merkle::leaf_hash(id.view()));
  const Application& a = lot_.application->body;
  if (a.tx_count != tree.size()) {
    fault("tx", {}, Errc::kTransactionCount,
          fmt::format("{} transactions, the application counts {}", tree.size(), a.tx_count));
  } else if (a.tx_root != tree.root()) {
    fault("tx", {}, Errc::kTreePath, "the transactions do not give the application's root");
  }
}

// A node that signed a head had left a transaction for every slot before it, and the release record
// after the last. The pause is for what it was busy with.
void LotAudit::check_slots() {
  constexpr std::uint64_t kPauseMs = 60'000;
  const auto last = run_.book.newest_head(run_.keys);
  if (!last) return;
  const Opening& o = lot_.opening.body;
  std::uint64_t due = 0;
  for (const std::uint64_t slot : o.slots) due += slot + kPauseMs < last->time ? 1 : 0;
  const bool known = run_.chain.statements().newest().programme(o.programme) != nullptr;
  if (due == o.slots.size() && known) ++due;
  if (lot_.tx_ids.size() >= due) return;
  fault("tx", {}, Errc::kTransactionCount,
        fmt::format("{} transactions, {} were due when this node signed the head in block {}",
                    lot_.tx_ids.size(), due, last->block));
}

// ---- what else hangs on it ------------------------------------------------------------------

void LotAudit::check_claims() {
  ClaimsShown shown;
  for (const auto& row : lot_.rows) audit_claims(run_, lot_, "record", row, shown);
}

Status LotAudit::check_waiting() {
  LM_ASSIGN(auto q,
            run_.db.prepare("SELECT commitment, head, segments, evidence, object, step, time "
                            "FROM waiting WHERE start = ? ORDER BY time, commitment"));
  q.bind(1, start_);
  for (std::uint64_t n = 0;; ++n) {
    LM_ASSIGN(bool more, q.step());
    what_.clear();
    if (!more) return {};
    auto head = decode<RecordHead>(q.blob(1));
    auto segments = decode_segments(q.blob(2));
    if (!head || !segments) {
      fault("waiting", n, head ? segments.code() : head.code(), "a waiting step cannot be read");
      continue;
    }
    what_ = "step " + head->step.value_or("");
    if (q.text(5) != head->step || q.u64(6) != head->time)
      fault("waiting", n, Errc::kCorrupt, "its step or time is not its head's");
    RecordRow row;
    row.n = n;
    row.record.commitment = Digest::from(q.blob(0)).value_or(Digest{});
    row.record.head = *std::move(head);
    row.record.segments = *std::move(segments);
    row.record.evidence = to_bytes(q.blob(3));
    if (!q.is_null(4)) row.record.object = to_bytes(q.blob(4));
    check_waiting_row(row);
  }
}

void LotAudit::check_waiting_row(const RecordRow& row) {
  const Draft& d = row.record;
  if (d.head.segments != d.segments.size() ||
      commitment(run_.id(), start_, d.head, segments_root(d.segments)) != d.commitment) {
    fault("waiting", row.n, Errc::kCommitmentMismatch,
          "what is stored does not give its commitment");
  }
  if (d.object) {
    auto object = open<Record>(*d.object, run_.id());
    const PublicKey* key = run_.key_of(d.head.author);
    if (!object || object->body.commitment != d.commitment || object->kid != d.head.author ||
        key == nullptr || !object->verified_by(*key)) {
      fault("waiting", row.n, Errc::kCoseSignature, "not signed by its author");
    }
  }
  check_events(row, fmt::format("waiting step {} of lot {}", d.head.step.value_or(""), lot_.name));
  ClaimsShown shown;
  audit_claims(run_, lot_, "waiting", row, shown);
}

// Made of nothing but the records and the block: made again it is the same bytes.
Status LotAudit::check_disclosure() {
  if (!disclosure_) return {};
  ++run_.report.disclosures;
  run_.sent.push_back(sha256(*disclosure_));
  if (archived_) return {};
  if (!lot_.block || lot_.rows.size() != lot_.tx_ids.size() ||
      lot_.transactions.size() != lot_.tx_ids.size() || lot_.rows.empty()) {
    fault("batch", {}, Errc::kCorrupt, "its disclosure has no whole chain or no block to stand on");
    return {};
  }
  LM_ASSIGN(auto bytes, run_.chain.block(*lot_.block));
  LM_ASSIGN(auto block, open<Block>(bytes, run_.id()));
  Batch b;
  b.opening = lot_.opening;
  b.tx_ids = lot_.tx_ids;
  auto made = make_disclosure(b, lot_.rows.back(), lot_.transactions.back(), *lot_.block, block.id,
                              run_.wires(), run_.id());
  if (!made || *made != disclosure_)
    fault("batch", {}, Errc::kDisclosureKind, "its disclosure is not what its records give");
  return {};
}

Status audit_lot(AuditRun& run, const Digest& start, bool& settled) {
  LotAudit lot(run, start);
  LM_TRY(lot.audit());
  ++run.report.batches;
  settled = lot.settled();
  return {};
}

Status audit_orphans(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare("SELECT lot FROM batch WHERE length(start) != 32"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    run.fault({"batch", {}, {}, q.text(0), {}, Errc::kCorrupt, "its start is no id", {}});
  }
  constexpr std::string_view kBatches = "SELECT start FROM batch";
  constexpr std::string_view kBoth = "SELECT start FROM batch UNION SELECT start FROM review";
  for (const auto& [table, lots] :
       {std::pair("record", kBatches), std::pair("tx", kBoth), std::pair("waiting", kBatches),
        std::pair("lot_items", kBatches), std::pair("lot_serials", kBatches)}) {
    LM_ASSIGN(auto o, run.db.prepare(fmt::format("SELECT count(*) FROM {} WHERE start NOT IN ({})",
                                                 table, lots)));
    LM_TRY(o.step());
    if (o.u64(0) != 0)
      run.fault(table, {}, Errc::kCorrupt, fmt::format("{} rows belong to no batch", o.u64(0)));
  }
  LM_ASSIGN(auto keys, run.db.prepare("SELECT count(*) FROM segment_key WHERE commitment NOT IN "
                                      "(SELECT commitment FROM record UNION ALL SELECT commitment "
                                      "FROM waiting)"));
  LM_TRY(keys.step());
  if (keys.u64(0) != 0)
    run.fault({"segment_key",
               {},
               kLeftOver,
               {},
               {},
               Errc::kCorrupt,
               fmt::format("{} rows belong to no record", keys.u64(0)),
               {}});
  return {};
}

}  // namespace lotmark::chain
