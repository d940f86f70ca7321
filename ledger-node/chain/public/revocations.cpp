#include "ledger-node/chain/public/revocations.h"

#include "core/base/hex.h"
#include "core/proof/lot_objects.h"

namespace lotmark::chain {

namespace {

// A revocation counts in the blocks after its own, and not before its `from`. The newest names the reason.
constexpr std::string_view kRevoked =
    "SELECT r.kid, r.since, r.counts, r.newest, n.reason, n.text FROM "
    "(SELECT kid, min(since) AS since, min(max(since, block + 1)) AS counts, max(block) AS newest "
    "FROM revocation GROUP BY kid) AS r JOIN revocation AS n ON n.block = r.newest ";

Result<Revoked> read_revoked(const store::Query& q) {
  Revoked r;
  LM_ASSIGN(r.kid, q.fixed<KeyId>(0));
  r.from = q.u64(1);
  r.counts_from = q.u64(2);
  r.block = q.u64(3);
  r.reason = static_cast<RevokedReason>(q.integer(4));
  r.text = q.text(5);
  return r;
}

// The key itself may revoke it, and who enrolled it; statement 0's were enrolled by the root key, which signs none.
const PublicKey* may_revoke(const PublicChain& chain, const Membership& judge, const KeyId& signer,
                            const KeyId& subject) {
  const Enrolled* enrolled = chain.enrolled(subject);
  const Member* m = judge.find(signer);
  if (m != nullptr) {
    const bool enroller = enrolled != nullptr && enrolled->enroller == signer;
    return m->has(Role::kSupervising) || signer == subject || enroller ? &m->public_key : nullptr;
  }
  return enrolled != nullptr && signer == subject ? &enrolled->key : nullptr;
}

}  // namespace

Result<std::optional<Revoked>> revoked(const PublicChain& chain, const KeyId& kid) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kRevoked) + "WHERE r.kid = ?"));
  LM_ASSIGN(bool row, q.bind(1, kid).step());
  if (!row) return std::optional<Revoked>();
  LM_ASSIGN(auto r, read_revoked(q));
  return std::optional(std::move(r));
}

Result<std::vector<Revoked>> all_revoked(const PublicChain& chain) {
  LM_ASSIGN(auto q, chain.database().prepare(std::string(kRevoked) + "ORDER BY r.kid"));
  std::vector<Revoked> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto r, read_revoked(q));
    out.push_back(std::move(r));
  }
}

Status not_revoked(const PublicChain& chain, const KeyId& kid, const Membership& judge) {
  const Member* m = judge.find(kid);
  if (m != nullptr && m->has(Role::kSupervising)) return {};
  LM_ASSIGN(auto r, revoked(chain, kid));
  if (!r || !r->as_of(chain.size())) return {};
  return fail(Errc::kKeyRevoked,
              "key " + to_hex(kid) + " is revoked from block " + std::to_string(r->counts_from));
}

Status check_revocation_body(const PublicChain& chain, const ObjectBytes& body,
                             const Membership& judge, std::vector<Digest>& once) {
  LM_ASSIGN(auto r, open<Revocation>(body.bytes, chain.chain_id()));
  const KeyId& subject = r.body.kid;
  if (judge.find(subject) == nullptr && chain.enrolled(subject) == nullptr)
    return fail(Errc::kDeviceUnknown, "key " + to_hex(subject) + " is nobody's here");
  const PublicKey* key = may_revoke(chain, judge, r.kid, subject);
  if (key == nullptr) return fail(Errc::kCoseKid, "its signer may not revoke that key");
  if (!r.verified_by(*key)) return Errc::kCoseSignature;
  LM_TRY(not_revoked(chain, r.kid, judge));
  once.push_back(r.id);
  return {};
}

Status take_revocation(const store::Database& db, const Signed<Block>& block, const Digest& chain) {
  const Bytes& object = std::get<ObjectBytes>(block.body.body).bytes;
  LM_ASSIGN(auto r, open<Revocation>(object, chain));
  LM_ASSIGN(auto q, db.prepare("INSERT INTO revocation(block, kid, since, reason, text) "
                               "VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, block.body.number).bind(2, r.body.kid).bind(3, r.body.from);
  return q.bind(4, static_cast<int>(r.body.reason)).bind(5, r.body.text).run();
}

}  // namespace lotmark::chain
