// The public chain, block by block, and what its blocks say of lots, applications and heads.
#include "core/proof/lot_objects.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

struct BlockReader {
  AuditReader& reader;
  const AuditScope& scope;
  BlockRows& out;
  const Digest& id() const { return reader.chain.chain_id(); }
  void once(const Digest& id, std::uint64_t block) { out.once.emplace_back(id, block); }
  void fault(Errc e, std::string text, std::uint64_t block) {
    add_fault(out.report, {"chain", {}, {}, {}, block, e, std::move(text), {}});
  }
};

Status take_period(BlockReader& run, const Block& b, const Membership& judge) {
  const auto& body = std::get<PeriodBody>(b.body);
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto head, open<Head>(o.bytes, run.id()));
    const Role role = head.body.log == LogKind::kIntake ? Role::kKeeping : Role::kReviewing;
    LM_TRY(proof::signed_by_member(head, judge, role, Errc::kCoseKid));
    run.out.heads.push_back(
        {head.kid, {head.body.log, {head.body.size, head.body.root, b.number, head.body.time}}});
    run.once(head.id, b.number);
  }
  for (const auto& o : body.enrolments) {
    LM_ASSIGN(auto enrolment, open<Enrolment>(o.bytes, run.id()));
    run.once(enrolment.id, b.number);
  }
  for (const auto& o : body.transactions) {
    LM_ASSIGN(auto transaction, open<Transaction>(o.bytes, run.id()));
    run.once(transaction.id, b.number);
    run.out.periods.push_back({transaction.kid, transaction.id, b.number});
  }
  for (const auto& o : body.events) {
    LM_ASSIGN(const Digest id, id_of(o.bytes));
    run.once(id, b.number);
  }
  return read_usages(run.reader, run.scope, body, judge, run.out.usages);
}

Status take_lot(BlockReader& run, const Signed<Block>& block, const Membership& judge) {
  const Block& b = block.body;
  LM_ASSIGN(auto release,
            proof::open_release(std::get<ObjectBytes>(b.body).bytes, run.id(), judge));
  LM_ASSIGN(auto a, proof::open_application(release, run.id(), judge));
  run.once(a.id, b.number);
  run.out.lots.push_back({b.number, b.time, block.id, release.kid, a.bytes, a.id, a.kid,
                          a.body.start, a.body.gtin.text, a.body.lot.text});
  return {};
}

Status take_refusal(BlockReader& run, const Block& b, const Membership& judge) {
  LM_ASSIGN(auto refusal, open<Refusal>(std::get<ObjectBytes>(b.body).bytes, run.id()));
  LM_TRY(proof::signed_by_member(refusal, judge, Role::kReviewing, Errc::kReleaseSigner));
  run.once(refusal.body.application, b.number);
  run.out.refusals.push_back({refusal.body.application, b.number, refusal.kid});
  return {};
}

// Revocations and recalls: their own ids, once. Who may sign them is the chain's own check.
Status take_submitted(BlockReader& run, const Block& b) {
  LM_ASSIGN(const Digest id, id_of(std::get<ObjectBytes>(b.body).bytes));
  run.once(id, b.number);
  return {};
}

Status take_block(BlockReader& run, std::uint64_t number) {
  const PublicChain& chain = run.reader.chain;
  LM_ASSIGN(auto bytes, chain.block(number));
  LM_ASSIGN(auto block, open<Block>(bytes, run.id()));
  const Membership* judge = chain.statements().of_block(number);
  if (judge == nullptr) return Errc::kBlockEpoch;
  LM_TRY(proof::signed_by_member(block, *judge, Role::kSupervising, Errc::kBlockSigner));
  switch (block.body.kind) {
    case BlockKind::kPeriod: return take_period(run, block.body, *judge);
    case BlockKind::kLot: return take_lot(run, block, *judge);
    case BlockKind::kRefusal: return take_refusal(run, block.body, *judge);
    case BlockKind::kRevocation:
    case BlockKind::kRecall: return take_submitted(run, block.body);
    case BlockKind::kMembership:  // the statements were read when the chain was opened
    case BlockKind::kCut:
    case BlockKind::kTerm: return {};
  }
  return Errc::kBlockKind;
}

// A lot's receipt as this chain.db gives it: block, release, application, votes, what was
// disclosed.
void check_receipt(BlockReader& run, std::uint64_t number) {
  const PublicChain& chain = run.reader.chain;
  ++run.out.report.lots;
  auto receipt = chain.receipt(number);
  if (!receipt) return run.fault(receipt.code(), receipt.error().message(), number);
  const auto result = proof::verify_receipt(*receipt, chain.anchor_bytes(), {}, from_ms(0));
  if (result.verdict != VerdictKind::kTampered && result.verdict != VerdictKind::kUnknown) return;
  for (const auto& c : result.checks) {
    if (c.ok == false) return run.fault(c.error, "its receipt does not verify: " + c.why, number);
  }
}

bool in_scope(const PublicChain& chain, const AuditScope& scope, const SeenLot& lot) {
  if (!scope.lot.empty() &&
      (lot.lot != scope.lot || (!scope.gtin.empty() && lot.gtin != scope.gtin)))
    return false;
  if (scope.enterprise.empty()) return true;
  const Member* m = member_of(chain, lot.enterprise);
  return m != nullptr && m->organisation == scope.enterprise;
}

}  // namespace

BlockRows read_blocks(AuditReader& reader, const AuditScope& scope, std::uint64_t from,
                      std::uint64_t to) {
  BlockRows out;
  BlockReader run{reader, scope, out};
  for (std::uint64_t n = from; n < to; ++n) {
    if (n < reader.chain.dropped_end() && reader.chain.block(n).code() == Errc::kBodyCut) {
      ++out.report.blocks;  // its leaf is in the tree that the votes are on
      continue;
    }
    const std::size_t lots = out.lots.size();
    if (Status ok = take_block(run, n); !ok)
      run.fault(ok.code(), "the block does not hold: " + ok.error().message(), n);
    if (out.lots.size() != lots && in_scope(reader.chain, scope, out.lots.back()))
      check_receipt(run, n);
    ++out.report.blocks;
  }
  return out;
}

void take_blocks(AuditBook& book, const BlockRows& rows) {
  for (const auto& [kid, head] : rows.heads) book.add_head(kid, head.first, head.second);
  for (const auto& [id, block] : rows.once) book.add_once(id, block);
  for (const auto& lot : rows.lots) book.add_lot(lot);
  for (const auto& refusal : rows.refusals) book.add_refusal(refusal);
  for (const auto& period : rows.periods) book.add_period(period);
  for (const auto& usage : rows.usages) book.add_usage(usage);
}

bool AuditRun::wanted(std::string_view gtin, std::string_view lot, const KeyId& enterprise) const {
  SeenLot l;
  l.gtin = gtin;
  l.lot = lot;
  l.enterprise = enterprise;
  return in_scope(chain, scope, l);
}

}  // namespace lotmark::chain
