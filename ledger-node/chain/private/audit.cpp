#include "ledger-node/chain/private/audit.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/proof/lot_objects.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/private/audit_state.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::chain {

void AuditRun::fault(AuditFault f) {
  if (report.faults.size() < AuditReport::kFaultsMax) {
    report.faults.push_back(std::move(f));
  } else {
    ++report.more;
  }
}

void AuditRun::fault(std::string_view table, std::optional<std::uint64_t> row, Errc error,
                     std::string text, std::optional<std::uint64_t> block) {
  fault({std::string(table), row, {}, {}, block, error, std::move(text)});
}

void AuditRun::tell(std::string_view what, std::uint64_t done, std::uint64_t total) const {
  if (progress && (done == total || done % 1000 == 0)) progress(what, done, total);
}

Result<std::uint64_t> AuditRun::count(std::string_view table) const {
  LM_ASSIGN(auto q, db.prepare("SELECT count(*) FROM " + std::string(table)));
  LM_TRY(q.step());
  return q.u64(0);
}

const PublicKey* AuditRun::key_of(const KeyId& kid) const {
  if (const auto* e = chain.enrolled(kid)) return &e->key;
  if (const auto* m = chain.member(kid)) return &m->public_key;
  return nullptr;
}

WireFinder AuditRun::wires() const {
  return [this](const Digest& id) -> Result<Bytes> {
    const auto at = bundles.find(id);
    if (at == bundles.end())
      return fail(Errc::kNotFound, "bundle " + short_hex(id) + " is not in the intake log");
    LM_ASSIGN(auto q, db.prepare("SELECT wire FROM intake_wire WHERE idx = ?"));
    LM_ASSIGN(bool row, q.bind(1, at->second).step());
    if (!row) return fail(Errc::kNotFound, "bundle " + short_hex(id) + " has lost its body");
    return to_bytes(q.blob(0));
  };
}

void AuditRun::check_heads(std::string_view table, const merkle::MemoryTree& tree, LogKind log) {
  std::uint64_t good = 0;  // rows up to here are as logged
  for (const auto& h : heads) {
    if (h.log != log || h.kid != self) continue;
    ++report.heads;
    if (h.size > tree.size()) {
      fault(table, {}, Errc::kTreePath,
            fmt::format("holds {} rows, the chain logged {}", tree.size(), h.size), h.block);
    } else if (tree.root_at(h.size) == h.root) {
      good = h.size;
    } else {
      fault(table, {}, Errc::kTreePath,
            fmt::format("rows {} to {} are not the ones the chain logged", good, h.size - 1),
            h.block);
      return;  // all later heads differ with it
    }
  }
}

namespace {

Status check_block(AuditRun& run, const Signed<Block>& block) {
  const Membership* judge = run.chain.statements().of_block(block.body.number);
  if (judge == nullptr) return Errc::kBlockEpoch;
  LM_TRY(proof::signed_by_member(block, *judge, Role::kSupervising, Errc::kBlockSigner));
  if (block.body.kind != BlockKind::kPeriod) return {};
  for (const auto& o : std::get<PeriodBody>(block.body.body).heads) {
    LM_ASSIGN(auto head, open<Head>(o.bytes, run.id()));
    const Role role = head.body.log == LogKind::kIntake ? Role::kKeeping : Role::kReviewing;
    LM_TRY(proof::signed_by_member(head, *judge, role, Errc::kCoseKid));
    run.heads.push_back(
        {head.kid, head.body.log, head.body.size, head.body.root, block.body.number});
  }
  return {};
}

// A lot's receipt as this chain.db gives it: block, release, application, votes, what was
// disclosed.
void check_receipt(AuditRun& run, std::uint64_t number) {
  ++run.report.lots;
  auto receipt = run.chain.receipt(number);
  if (!receipt) return run.fault("chain", {}, receipt.code(), receipt.error().text, number);
  const auto result = proof::verify_receipt(*receipt, run.chain.anchor_bytes(), {}, from_ms(0));
  if (result.verdict != VerdictKind::kTampered && result.verdict != VerdictKind::kUnknown) return;
  for (const auto& c : result.checks) {
    if (c.ok == false)
      return run.fault("chain", {}, c.error, "its receipt does not verify: " + c.why, number);
  }
}

// The key that signed what this node keeps: arrivals it gave, or openings it made.
Status find_self(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare(
                        "SELECT arrival, 0 FROM received UNION ALL SELECT opening, 1 FROM batch"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    std::optional<KeyId> kid;
    if (q.integer(1) == 0) {
      auto arrival = open<Arrival>(q.blob(0), run.id());
      const Member* m = arrival ? run.chain.member(arrival->kid) : nullptr;
      if (m != nullptr && arrival->verified_by(m->public_key)) kid = m->kid;
    } else {
      auto opening = open<Opening>(q.blob(0), run.id());
      const Member* m = opening ? run.chain.member(opening->kid) : nullptr;
      if (m != nullptr && opening->verified_by(m->public_key)) kid = m->kid;
    }
    if (kid) {
      run.self = kid;
      return {};
    }
  }
}

// Of a node that only took bundles: the keeping member of its devices' organisation.
Status find_self_by_devices(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare("SELECT device FROM life"));
  while (!run.self) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto kid = KeyId::from(q.blob(0));
    const Enrolled* device = kid ? run.chain.enrolled(*kid) : nullptr;
    if (device == nullptr) continue;
    for (const auto& m : run.chain.statements().newest().members) {
      if (m.organisation == device->organisation && m.has(Role::kKeeping)) run.self = m.kid;
    }
  }
  return {};
}

}  // namespace

Status audit_chain(AuditRun& run) {
  for (std::uint64_t n = 1; n < run.chain.size(); ++n) {
    LM_ASSIGN(auto bytes, run.chain.block(n));
    LM_ASSIGN(auto block, open<Block>(bytes, run.id()));
    if (Status ok = check_block(run, block); !ok) {
      run.fault("chain", {}, ok.code(), "the block does not hold: " + ok.error().message(), n);
    }
    if (block.body.kind == BlockKind::kLot) check_receipt(run, n);
    ++run.report.blocks;
    run.tell("blocks", n, run.chain.size() - 1);
  }
  return {};
}

Result<AuditReport> audit(const std::filesystem::path& private_db,
                          const std::filesystem::path& chain_db, ByteView anchor,
                          const AuditProgress& progress) {
  LM_ASSIGN(auto chain, PublicChain::open(chain_db, anchor, true));
  LM_ASSIGN(auto db, open_private(private_db, true));
  LM_TRY(db.exec("BEGIN"));  // one state of a node that runs, newer than the chain that was read
  AuditReport report;
  AuditRun run{db, chain, progress, report, {}, {}, {}, {}, {}};
  LM_TRY(audit_chain(run));
  LM_TRY(find_self(run));
  LM_TRY(find_self_by_devices(run));
  LM_TRY(audit_intake(run));
  LM_TRY(audit_received(run));
  LM_TRY(audit_lots(run));
  LM_TRY(audit_reviews(run));
  LM_TRY(audit_answers(run));
  return report;
}

}  // namespace lotmark::chain
