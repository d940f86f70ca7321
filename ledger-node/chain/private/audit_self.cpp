// Whose files these are. Nothing else can be held against the chain without it.
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

// The member whose signature an arrival or opening bears.
template <class T>
const Member* signed_by(const AuditRun& run, ByteView bytes) {
  auto object = open<T>(bytes, run.id());
  const Member* m = object ? member_of(run.chain, object->kid) : nullptr;
  return m != nullptr && object->verified_by(m->public_key) ? m : nullptr;
}

// One key took the place of the other: one organisation's, for the same role, and no statement has both.
bool renewed(const PublicChain& chain, const Member& a, const Member& b) {
  const auto both = [&](Role r) { return a.has(r) && b.has(r); };
  if (a.organisation != b.organisation || (!both(Role::kKeeping) && !both(Role::kReviewing)))
    return false;
  return std::ranges::none_of(chain.statements().held(), [&](const auto& s) {
    return s.body.find(a.kid) != nullptr && s.body.find(b.kid) != nullptr;
  });
}

// The keys that signed what this node keeps, beside the one it is known by: arrivals it gave, openings it made, or
// transactions of its period records. One object a key is verified.
Status find_by_signature(AuditRun& run) {
  LM_ASSIGN(auto q,
            run.db.prepare("SELECT arrival, 0 FROM received UNION ALL SELECT opening, 1 FROM batch "
                           "UNION ALL SELECT tx, 2 FROM period_record"));
  std::set<KeyId> seen;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto label = peek(q.blob(0));
    if (!label || seen.contains(label->kid)) continue;
    const Member* m = q.integer(1) == 0   ? signed_by<Arrival>(run, q.blob(0))
                      : q.integer(1) == 1 ? signed_by<Opening>(run, q.blob(0))
                                          : signed_by<Transaction>(run, q.blob(0));
    if (m == nullptr) continue;
    seen.insert(m->kid);
    const Member* self = run.self();
    if (run.keys.empty() || (self != nullptr && renewed(run.chain, *self, *m)))
      run.keys.push_back(m->kid);
  }
}

// Of a node that only took bundles: the keeping member of its devices' organisation.
Status find_by_devices(AuditRun& run) {
  LM_ASSIGN(auto q, run.db.prepare("SELECT device FROM life"));
  while (run.keys.empty()) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto kid = KeyId::from(q.blob(0));
    const Enrolled* device = kid ? run.chain.enrolled(*kid) : nullptr;
    if (device == nullptr) continue;
    for (const auto& m : run.chain.statements().newest().members) {
      if (m.organisation == device->organisation && m.has(Role::kKeeping)) run.keys = {m.kid};
    }
  }
  return {};
}

}  // namespace

Status find_self(AuditRun& run) {
  const Status read = find_by_signature(run);
  if (run.keys.empty())
    LM_TRY(read);  // a row beyond that cannot be read is named by the part it is of
  LM_TRY(find_by_devices(run));
  if (run.keys.empty()) {
    run.fault("private.db", {}, Errc::kNotFound,
              "nothing in it says whose it is: no arrival, opening or device of a member");
    return {};
  }
  if (run.self() != nullptr) run.report.node = run.self()->organisation;
  return {};
}

}  // namespace lotmark::chain
