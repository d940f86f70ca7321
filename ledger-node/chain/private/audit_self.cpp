// Whose files these are. Nothing else can be held against the chain without it.
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

// The key that signed what this node keeps: arrivals it gave, or openings it made.
Status find_by_signature(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare(
                        "SELECT arrival, 0 FROM received UNION ALL SELECT opening, 1 FROM batch"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    std::optional<KeyId> kid;
    if (q.integer(1) == 0) {
      auto arrival = open<Arrival>(q.blob(0), run.id());
      const Member* m = arrival ? member_of(run.chain, arrival->kid) : nullptr;
      if (m != nullptr && arrival->verified_by(m->public_key)) kid = m->kid;
    } else {
      auto opening = open<Opening>(q.blob(0), run.id());
      const Member* m = opening ? member_of(run.chain, opening->kid) : nullptr;
      if (m != nullptr && opening->verified_by(m->public_key)) kid = m->kid;
    }
    if (kid) {
      run.self = kid;
      return {};
    }
  }
}

// Of a node that only took bundles: the keeping member of its devices' organisation.
Status find_by_devices(AuditRun& run) {
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

Status find_self(AuditRun& run) {
  LM_TRY(find_by_signature(run));
  LM_TRY(find_by_devices(run));
  if (!run.self) {
    run.fault("private.db", {}, Errc::kNotFound,
              "nothing in it says whose it is: no arrival, opening or device of a member");
    return {};
  }
  const Member* m = member_of(run.chain, *run.self);
  if (m != nullptr) run.report.node = m->organisation;
  return {};
}

}  // namespace lotmark::chain
