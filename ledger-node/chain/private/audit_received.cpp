// The received log and its arrivals, and the arrivals members gave this node.
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

struct ReceivedRow {
  std::uint64_t idx = 0;
  std::optional<Digest> id;
  std::string type;
  std::optional<KeyId> signer;
  std::uint64_t at = 0;
  Bytes object;
  Bytes arrival;
};

Status check_object(const AuditRun& run, const ReceivedRow& r) {
  LM_ASSIGN(auto object,
            read_sign1(r.object, {r.type.c_str(), &run.id(), Unprotected::kEmpty, false}));
  if (object.id() != r.id) return fail(Errc::kCorrupt, "its id is not its object's");
  if (object.kid != r.signer) return fail(Errc::kCorrupt, "its signer is not its object's");
  const PublicKey* key = run.key_of(object.kid);
  if (key == nullptr) return fail(Errc::kDeviceUnknown, "its signer is nobody's key");
  if (!verify_once(*key, object.id(), object.signature))
    return fail(Errc::kCoseSignature, "its object is not signed by it");
  return {};
}

Status check_arrival(const AuditRun& run, const ReceivedRow& r) {
  LM_ASSIGN(auto a, open<Arrival>(r.arrival, run.id()));
  if (a.kid != run.self) return fail(Errc::kCoseKid, "its arrival is another node's");
  const PublicKey* key = run.key_of(a.kid);
  if (key == nullptr || !a.verified_by(*key))
    return fail(Errc::kCoseSignature, "its arrival is not signed by this node");
  if (a.body.object != r.id || a.body.index != r.idx || a.body.time != r.at) {
    return fail(Errc::kCorrupt, "its arrival says otherwise than the row");
  }
  return {};
}

}  // namespace

Status audit_received(AuditRun& run) {
  merkle::MemoryTree tree;
  RowNumbers numbers;
  std::uint64_t done = 0;
  LM_ASSIGN(const std::uint64_t total, run.count("received"));
  LM_ASSIGN(auto q,
            run.db.prepare(
                "SELECT idx, id, type, signer, at, object, arrival FROM received ORDER BY idx"));
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) break;
    run.tell("received", ++done, total);
    const bool placed = numbers.take(q.integer(0), [&](const auto& idx, std::string text) {
      run.fault("received", idx, Errc::kNotFound, std::move(text));
    });
    if (!placed) continue;
    ReceivedRow r{q.u64(0), Digest::from(q.blob(1)), q.text(2),          KeyId::from(q.blob(3)),
                  q.u64(4), to_bytes(q.blob(5)),     to_bytes(q.blob(6))};
    if (Status ok = check_object(run, r); !ok)
      run.fault("received", r.idx, ok.code(), ok.error().message());
    if (Status ok = check_arrival(run, r); !ok)
      run.fault("received", r.idx, ok.code(), ok.error().message());
    if (r.id) run.received.insert(*r.id);
    if (numbers.whole()) tree.append(r.id ? merkle::leaf_hash(r.id->view()) : Digest{});
    ++run.report.received;
  }
  run.check_heads("received", tree, LogKind::kReceived);
  return {};
}

// Each answer is its member's, and of something that was sent. Of a disclosure it is no signed
// object.
Status audit_answers(AuditRun& run) {
  LM_ASSIGN(auto q,
            run.db.prepare("SELECT object, member, reply FROM answer ORDER BY object, member"));
  for (std::uint64_t n = 0;; ++n) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    const auto object = Digest::from(q.blob(0));
    const auto member = KeyId::from(q.blob(1));
    const Member* m = member ? run.chain.member(*member) : nullptr;
    if (!object || m == nullptr || !run.sent.contains(*object)) {
      run.fault("answer", n, Errc::kCorrupt, "an answer of nobody, or to nothing that was sent");
      continue;
    }
    if (!m->has(Role::kReviewing)) continue;
    auto a = open<Arrival>(q.blob(2), run.id());
    if (!a || a->kid != m->kid || a->body.object != *object || !a->verified_by(m->public_key)) {
      run.fault("answer", n, a ? Errc::kCoseSignature : a.code(),
                "no arrival of " + m->organisation + " for what it names");
    } else {
      ++run.report.arrivals;
    }
  }
}

}  // namespace lotmark::chain
