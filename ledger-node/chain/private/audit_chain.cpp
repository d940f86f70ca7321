// The public chain, block by block, and what its blocks say of lots, applications and heads.
#include "core/proof/lot_objects.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

const ChainIndex::Lot* ChainIndex::at(std::optional<std::uint64_t> block) const {
  const auto lot = block ? lots.find(*block) : lots.end();
  return lot == lots.end() ? nullptr : &lot->second;
}

const ChainIndex::Lot* ChainIndex::released(const KeyId& by, const Gtin& gtin,
                                            const LotNumber& lot) const {
  const auto block = newest.find({by, gtin.text, lot.text});
  return block == newest.end() ? nullptr : at(block->second);
}

std::optional<std::uint64_t> ChainIndex::decided(const Digest& application) const {
  const auto refused = refusals.find(application);
  if (refused != refusals.end()) return refused->second.block;
  const auto block = once.find(application);
  return block != once.end() && at(block->second) != nullptr ? std::optional(block->second)
                                                             : std::nullopt;
}

namespace {

Status take_period(AuditRun& run, const Block& b, const Membership& judge) {
  const auto& body = std::get<PeriodBody>(b.body);
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto head, open<Head>(o.bytes, run.id()));
    const Role role = head.body.log == LogKind::kIntake ? Role::kKeeping : Role::kReviewing;
    LM_TRY(proof::signed_by_member(head, judge, role, Errc::kCoseKid));
    run.heads.push_back(
        {head.kid, head.body.log, head.body.size, head.body.root, b.number, head.body.time});
    run.index.once.emplace(head.id, b.number);
  }
  for (const auto& o : body.enrolments) {
    LM_ASSIGN(auto enrolment, open<Enrolment>(o.bytes, run.id()));
    run.index.once.emplace(enrolment.id, b.number);
  }
  for (const auto& o : body.transactions) {
    LM_ASSIGN(auto transaction, open<Transaction>(o.bytes, run.id()));
    run.index.once.emplace(transaction.id, b.number);
  }
  for (const auto& o : body.events) {
    LM_ASSIGN(const Digest id, id_of(o.bytes));
    run.index.once.emplace(id, b.number);
  }
  return {};
}

Status take_lot(AuditRun& run, const Block& b, const Membership& judge) {
  LM_ASSIGN(auto release,
            proof::open_release(std::get<ObjectBytes>(b.body).bytes, run.id(), judge));
  LM_ASSIGN(auto a, proof::open_application(release, run.id(), judge));
  run.index.once.emplace(a.id, b.number);
  run.index.newest[{a.kid, a.body.gtin.text, a.body.lot.text}] = b.number;
  run.index.lots.insert({b.number, {b.number, b.time, release.kid, std::move(a)}});
  return {};
}

Status take_refusal(AuditRun& run, const Block& b, const Membership& judge) {
  LM_ASSIGN(auto refusal, open<Refusal>(std::get<ObjectBytes>(b.body).bytes, run.id()));
  LM_TRY(proof::signed_by_member(refusal, judge, Role::kReviewing, Errc::kReleaseSigner));
  run.index.once.emplace(refusal.body.application, b.number);
  run.index.refusals.insert({refusal.body.application, {b.number, refusal.kid}});
  return {};
}

// Revocations and recalls: their own ids, once.
Status take_submitted(AuditRun& run, const Block& b) {
  LM_ASSIGN(const Digest id, id_of(std::get<ObjectBytes>(b.body).bytes));
  run.index.once.emplace(id, b.number);
  return {};
}

Status take_block(AuditRun& run, std::uint64_t number) {
  LM_ASSIGN(auto bytes, run.chain.block(number));
  LM_ASSIGN(auto block, open<Block>(bytes, run.id()));
  const Membership* judge = run.chain.statements().of_block(number);
  if (judge == nullptr) return Errc::kBlockEpoch;
  LM_TRY(proof::signed_by_member(block, *judge, Role::kSupervising, Errc::kBlockSigner));
  switch (block.body.kind) {
    case BlockKind::kPeriod: return take_period(run, block.body, *judge);
    case BlockKind::kLot: return take_lot(run, block.body, *judge);
    case BlockKind::kRefusal: return take_refusal(run, block.body, *judge);
    case BlockKind::kRevocation:
    case BlockKind::kRecall: return take_submitted(run, block.body);
    case BlockKind::kMembership:
    case BlockKind::kCut:
    case BlockKind::kTerm: break;
  }
  return Errc::kBlockKind;
}

// A lot's receipt as this chain.db gives it: block, release, application, votes, what was
// disclosed.
void check_receipt(AuditRun& run, std::uint64_t number) {
  ++run.report.lots;
  auto receipt = run.chain.receipt(number);
  if (!receipt) return run.fault("chain", {}, receipt.code(), receipt.error().message(), number);
  const auto result = proof::verify_receipt(*receipt, run.chain.anchor_bytes(), {}, from_ms(0));
  if (result.verdict != VerdictKind::kTampered && result.verdict != VerdictKind::kUnknown) return;
  for (const auto& c : result.checks) {
    if (c.ok == false)
      return run.fault("chain", {}, c.error, "its receipt does not verify: " + c.why, number);
  }
}

}  // namespace

Status audit_chain(AuditRun& run) {
  for (std::uint64_t n = 1; n < run.chain.size(); ++n) {
    if (Status ok = take_block(run, n); !ok)
      run.fault("chain", {}, ok.code(), "the block does not hold: " + ok.error().message(), n);
    if (run.index.at(n) != nullptr) check_receipt(run, n);
    ++run.report.blocks;
    run.tell("blocks", n, run.chain.size() - 1);
  }
  return {};
}

}  // namespace lotmark::chain
