#include "core/proof/proposal.h"

#include <set>

#include "core/crypto/sha256.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

namespace {

std::set<KeyId> supervising(const Membership& m) {
  std::set<KeyId> out;
  for (const auto& x : m.members) {
    if (x.has(Role::kSupervising)) out.insert(x.kid);
  }
  return out;
}

Result<Membership> read_payload(ByteView payload, const Statements& held) {
  if (payload.size() > limits::kObject) return Errc::kObjectTooLarge;
  const std::uint64_t epoch = held.newest().epoch + 1;
  const KeyId root = key_id(held.root_key_of(epoch));
  LM_ASSIGN(auto body, decode<Membership>(payload, &root));
  if (body.epoch == epoch) return body;
  return fail(Errc::kStatementEpoch,
              "epoch " + std::to_string(epoch) + " is next, not " + std::to_string(body.epoch));
}

}  // namespace

Bytes placed_payload(const Membership& draft, std::uint64_t first, const Digest& root) {
  Membership m = draft;
  m.first = first;
  m.size = first;
  m.root = root;
  return encode(m);
}

Bytes draft_of(const Membership& next) { return placed_payload(next, 0, Digest{}); }

Digest change_of(const Membership& next) { return sha256(draft_of(next)); }

Result<Membership> read_draft(ByteView draft, const Statements& held) {
  LM_ASSIGN(auto next, read_payload(draft, held));
  if (next.first != 0 || next.root != Digest{})
    return fail(Errc::kStatementFirst, "a draft has no place yet");
  LM_TRY(safe_step(held.newest(), next));
  return next;
}

Status safe_step(const Membership& now, const Membership& next) {
  auto all = supervising(now);
  const auto after = supervising(next);
  all.insert(after.begin(), after.end());
  if (now.quorum + next.quorum > all.size()) return {};
  return fail(Errc::kConflict,
              "a quorum of " + std::to_string(now.quorum) + " before and one of " +
                  std::to_string(next.quorum) + " after need not share a member of the " +
                  std::to_string(all.size()) +
                  " that supervise in either: change one supervising member at a time, and add "
                  "before you remove");
}

Result<PartlySigned> read_partly_signed(ByteView object, const Statements& held) {
  if (object.size() > limits::kStatementObject) return Errc::kObjectTooLarge;
  LM_ASSIGN(auto parts, decode<StatementObject>(object));
  PartlySigned out;
  LM_ASSIGN(out.body, read_payload(parts.payload, held));
  const PublicKey& root = held.root_key_of(out.body.epoch);
  for (const auto& o : parts.signatures) {
    LM_ASSIGN(auto s,
              read_sign1(o.bytes, {"membership", &held.chain(), Unprotected::kEmpty, true}));
    const Member* m = held.newest().find(s.kid);
    const bool by_root = s.kid == key_id(root);
    if (!by_root && (m == nullptr || !m->has(Role::kSupervising))) return Errc::kStatementSigner;
    const PublicKey& key = by_root ? root : m->public_key;
    if (!verify_once(key, s.id(parts.payload), s.signature)) return Errc::kCoseSignature;
    if (!out.signatures.emplace(s.kid, o.bytes).second) return Errc::kListDuplicate;
    out.by_root = out.by_root || by_root;
    out.members += by_root ? 0 : 1;
  }
  out.payload = std::move(parts.payload);
  return out;
}

Bytes encode_partly_signed(const PartlySigned& statement) {
  StatementObject object;
  object.payload = statement.payload;
  for (const auto& [kid, bytes] : statement.signatures) object.signatures.push_back({bytes});
  return encode(object);
}

}  // namespace lotmark::proof
