#include "core/proof/event_proof.h"

#include <fmt/format.h>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "core/proof/block_run.h"
#include "core/proof/check_list.h"
#include "core/proof/event_names.h"
#include "core/proof/lot_objects.h"

namespace lotmark::proof {

namespace {

// What the checks hand to one another.
struct EventRun : BlockRun {
  ByteView file_bytes;
  ByteView anchor_bytes;
  EventResult& out;
  EventProof file{};
  std::optional<Signed<Release>> release{};          // of a lot
  std::optional<Signed<Application>> application{};  // of a lot
  Signed<Transaction> transaction{};
  Checkpoint entries{};  // of the segment

  std::string& why(EventCheck n) { return out.checks[static_cast<std::size_t>(n)].why; }
};

Status check_event_anchor(EventRun& r) { return r.start(r.anchor_bytes); }

Status check_event_file(EventRun& r) {
  LM_ASSIGN(r.file, read_event_proof(r.file_bytes));
  return {};
}

Status check_event_statements(EventRun& r) { return r.follow(r.file.statements); }

Status check_event_block(EventRun& r) {
  LM_TRY(r.open(r.file.block.bytes, r.file.of_lot() ? BlockKind::kLot : BlockKind::kPeriod));
  r.out.block_number = r.body().number;
  r.out.block_time = r.body().time;
  return {};
}

Status check_event_release(EventRun& r) {
  if (!r.file.of_lot()) {
    r.why(EventCheck::kRelease) = "period block";
    return {};
  }
  const auto& body = std::get<ObjectBytes>(r.body().body);
  LM_ASSIGN(r.release, open_release(body.bytes, r.chain(), *r.judge));
  return {};
}

Status check_event_application(EventRun& r) {
  if (!r.file.of_lot()) {
    r.why(EventCheck::kApplication) = "period block";
    return {};
  }
  LM_ASSIGN(r.application, open_application(*r.release, r.chain(), *r.judge));
  const Application& a = r.application->body;
  r.out.lot = EventLot{a.gtin, a.lot, *r.file.record.step};
  return {};
}

// The period body's, at its place; of a lot the file's own.
Result<const ObjectBytes*> transaction_of(const EventRun& r) {
  if (r.file.of_lot()) return &*r.file.transaction;
  const auto& held = std::get<PeriodBody>(r.body().body).transactions;
  if (r.file.index >= held.size())
    return fail(Errc::kEventProof, fmt::format("the block has {} transactions", held.size()));
  return &held[static_cast<std::size_t>(r.file.index)];
}

Status check_event_transaction(EventRun& r) {
  LM_ASSIGN(const ObjectBytes* object, transaction_of(r));
  LM_ASSIGN(r.transaction, open<Transaction>(object->bytes, r.chain()));
  const auto& tx = r.transaction;
  if (r.application && tx.kid != r.application->kid) return Errc::kTransactionSigner;
  LM_TRY(signed_by_member(tx, *r.judge, Role::kKeeping, Errc::kTransactionSigner));
  r.out.kid = tx.kid;
  r.out.organisation = r.judge->find(tx.kid)->organisation;
  if (!r.application) return {};
  const Application& a = r.application->body;
  const auto root = merkle::fold_inclusion(merkle::leaf_hash(tx.id.view()), r.file.index,
                                           a.tx_count, r.file.path);
  return root && *root == a.tx_root ? Errc::kOk : Errc::kTreePath;
}

Scope scope_of(const EventRun& r) {
  if (r.application) return r.application->body.start;
  return PeriodScope{r.out.organisation, *r.file.period};
}

Status check_event_record(EventRun& r) {
  const RecordHead& record = r.file.record;
  if (!r.file.of_lot() && record.author != r.transaction.kid)
    return fail(Errc::kEventProof, "the author is another than who signed the transaction");
  const auto& at = r.file.segment;
  LM_ASSIGN(const auto segment, decode<Segment>(at.entry));
  if (segment.name != kEventsName || segment.media != kEventsMedia ||
      segment.audience != Audience::kRegulator)
    return fail(Errc::kEventProof, "the segment is none of events");
  LM_ASSIGN(r.entries, read_event_tree(segment.content));
  const auto root =
      merkle::fold_inclusion(merkle::leaf_hash(at.entry), at.index, record.segments, at.path);
  if (!root) return Errc::kTreePath;
  r.out.record = commitment(r.chain(), scope_of(r), record, *root);
  if (r.out.record != r.transaction.body.commitment) return Errc::kCommitmentMismatch;
  r.out.author = record.author;
  r.out.period = r.file.period;
  return {};
}

Status check_event_entry(EventRun& r) {
  const auto& at = r.file.event;
  r.out.sha = sha256(r.file.body);
  r.out.hash = at.hash;
  r.out.index = at.index;
  r.out.count = r.entries.size;
  const Bytes entry = encode_event_entry(at.salt, r.out.sha, at.hash);
  const auto root =
      merkle::fold_inclusion(merkle::leaf_hash(entry), at.index, r.entries.size, at.path);
  return root && *root == r.entries.root ? Errc::kOk : Errc::kTreePath;
}

Status check_event_hash(EventRun& r) {
  return check_names(as_text(r.file.body), r.file.names, r.file.event.hash);
}

Status check_event_votes(EventRun& r) { return r.check_votes(); }

Status check_event_quorum(EventRun& r) {
  return r.check_quorum(r.out.finality, r.why(EventCheck::kQuorum));
}

constexpr CheckStep<EventCheck, EventRun> kEventSteps[kEventCheckCount] = {
    {EventCheck::kAnchor, check_event_anchor},
    {EventCheck::kFile, check_event_file},
    {EventCheck::kStatements, check_event_statements},
    {EventCheck::kBlock, check_event_block},
    {EventCheck::kRelease, check_event_release},
    {EventCheck::kApplication, check_event_application},
    {EventCheck::kTransaction, check_event_transaction},
    {EventCheck::kRecord, check_event_record},
    {EventCheck::kEvent, check_event_entry},
    {EventCheck::kHash, check_event_hash},
    {EventCheck::kVotes, check_event_votes},
    {EventCheck::kQuorum, check_event_quorum},
};

EventVerdict verdict_after(const FailedCheck<EventCheck>& failed, bool chain_differs) {
  const auto& [n, error] = failed;
  if (n == EventCheck::kQuorum) return EventVerdict::kNotFinal;
  const bool unknown = n == EventCheck::kAnchor ||
                       (n == EventCheck::kFile && error == Errc::kReceiptVersion) || chain_differs;
  return unknown ? EventVerdict::kUnknown : EventVerdict::kTampered;
}

}  // namespace

EventResult verify_event(ByteView file, ByteView anchor) {
  EventResult out;
  EventRun run{{}, file, anchor, out};
  const auto failed = run_checks(kEventSteps, run);
  out.verdict = failed ? verdict_after(*failed, run.chain_differs) : EventVerdict::kCommitted;
  if (out.shown()) out.body = std::move(run.file.body);
  return out;
}

}  // namespace lotmark::proof
