#include "ledger-node/chain/public/body_checks.h"

#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/chain/public/events.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"

namespace lotmark::chain {

namespace {

// Lists of a period body: by kid of the signer, then id.
struct Order {
  std::optional<std::pair<KeyId, Digest>> last;
  Status next(const KeyId& kid, const Digest& id) {
    const std::pair now{kid, id};
    if (last && now == *last) return Errc::kListDuplicate;
    if (last && now < *last) return Errc::kListOrder;
    last = now;
    return {};
  }
};

Status check_head(const PublicChain& chain, const Signed<Head>& h, const Membership& judge) {
  const Role role = h.body.log == LogKind::kIntake ? Role::kKeeping : Role::kReviewing;
  LM_TRY(proof::signed_by_member(h, judge, role, Errc::kCoseKid));
  LM_TRY(not_revoked(chain, h.kid, judge));
  const auto before = chain.logged_head(h.kid, h.body.log);
  if (h.body.prior != (before ? before->size : 0))
    return fail(Errc::kTreePath, "head does not start at the last logged size");
  if (before && h.body.time < before->time) return Errc::kTimeOrder;
  if (h.body.prior == 0 || h.body.prior == h.body.size) {
    if (!h.body.path.empty()) return Errc::kTreePath;
    if (before && h.body.prior == h.body.size && h.body.root != before->root)
      return Errc::kTreePath;
    return {};
  }
  return merkle::verify_consistency(h.body.prior, before->root, h.body.size, h.body.root,
                                    h.body.path);
}

// A lot whose blocks are all cut stays as it is, for ever.
Result<std::optional<std::uint64_t>> replaced_by(const PublicChain& chain, const Application& a) {
  LM_ASSIGN(const auto place, place_of_lot(chain, a.gtin, a.lot));
  if (!place.cut) return place.block;
  return fail(Errc::kListDuplicate, "lot " + a.lot.text + " was on the chain and is cut");
}

// A key and a name once a block.
Status check_enrolments(const PublicChain& chain, const std::vector<ObjectBytes>& list,
                        const Membership& judge, OnceIds& once) {
  Order order;
  std::set<KeyId> keys;
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& o : list) {
    LM_ASSIGN(auto e, open<Enrolment>(o.bytes, chain.chain_id()));
    LM_TRY(order.next(e.kid, e.id));
    LM_TRY(check_enrolment(chain, e, judge));
    if (!keys.insert(key_id(e.body.public_key)).second ||
        !names.emplace(e.body.organisation, e.body.name).second)
      return fail(Errc::kListDuplicate, "a key or name is enrolled twice in one block");
    once.push_back(e.id);
  }
  return {};
}

Status check_events(const PublicChain& chain, const std::vector<ObjectBytes>& list,
                    const Membership& judge, OnceIds& once) {
  Order order;
  std::set<Digest> said;
  for (const auto& o : list) {
    LM_ASSIGN(const auto checked, check_event({chain, judge, said}, o.bytes));
    LM_TRY(order.next(checked.kid, checked.id));
    once.push_back(checked.id);
  }
  return {};
}

}  // namespace

Status check_lot_body(const PublicChain& chain, const ObjectBytes& body, const Membership& judge,
                      OnceIds& once) {
  LM_ASSIGN(auto release, proof::open_release(body.bytes, chain.chain_id(), judge));
  LM_ASSIGN(auto a, proof::open_application(release, chain.chain_id(), judge));
  LM_TRY(not_revoked(chain, release.kid, judge));
  LM_TRY(not_revoked(chain, a.kid, judge));
  LM_ASSIGN(const auto older, replaced_by(chain, a.body));
  if (older.has_value() != a.body.supersedes.has_value()) {
    return fail(Errc::kListDuplicate,
                "a lot that is on the chain is replaced only by a release that names it");
  }
  if (older) {
    LM_ASSIGN(const bool named, chain.has_id(*older, *a.body.supersedes));
    if (!named) return fail(Errc::kListDuplicate, "supersedes names another block");
  }
  once.push_back(a.id);
  return {};
}

Status check_refusal_body(const PublicChain& chain, const ObjectBytes& body,
                          const Membership& judge, OnceIds& once) {
  LM_ASSIGN(auto refusal, open<Refusal>(body.bytes, chain.chain_id()));
  LM_TRY(proof::signed_by_member(refusal, judge, Role::kReviewing, Errc::kReleaseSigner));
  LM_TRY(not_revoked(chain, refusal.kid, judge));
  once.push_back(refusal.body.application);
  return {};
}

Status check_object_body(const PublicChain& chain, BlockKind kind, const ObjectBytes& body,
                         const Membership& judge, OnceIds& once) {
  switch (kind) {
    case BlockKind::kLot: return check_lot_body(chain, body, judge, once);
    case BlockKind::kRefusal: return check_refusal_body(chain, body, judge, once);
    case BlockKind::kRevocation: return check_revocation_body(chain, body, judge, once);
    case BlockKind::kRecall: return check_recall_body(chain, body, judge, once);
    default: return Errc::kBlockKind;
  }
}

std::optional<BlockKind> kind_of_submission(ByteView object) {
  const auto label = peek(object);
  if (!label) return std::nullopt;
  if (label->type == SignedName<Release>::value) return BlockKind::kLot;
  if (label->type == SignedName<Refusal>::value) return BlockKind::kRefusal;
  if (label->type == SignedName<Revocation>::value) return BlockKind::kRevocation;
  if (label->type == SignedName<Recall>::value) return BlockKind::kRecall;
  return std::nullopt;
}

Status check_period_body(const PublicChain& chain, const PeriodBody& body, const Membership& judge,
                         OnceIds& once) {
  const std::uint64_t expected = chain.has_period() ? chain.last_period() + 1 : 0;
  if (body.number != expected)
    return fail(Errc::kBlockNumber, "period " + std::to_string(expected) + " is next");
  LM_TRY(check_enrolments(chain, body.enrolments, judge, once));
  Order heads;
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto h, open<Head>(o.bytes, chain.chain_id()));
    LM_TRY(heads.next(h.kid, h.id));
    LM_TRY(check_head(chain, h, judge));
    once.push_back(h.id);
  }
  Order transactions;
  for (const auto& o : body.transactions) {
    LM_ASSIGN(const auto t, check_period_transaction(chain, o.bytes, judge));
    LM_TRY(transactions.next(t.kid, t.id));
    once.push_back(t.id);
  }
  return check_events(chain, body.events, judge, once);
}

namespace {

const PublicKey* may_delegate(const PublicChain& chain, const Membership& judge, const KeyId& kid) {
  const Member* m = judge.find(kid);
  if (m != nullptr) return m->has(Role::kSupervising) ? &m->public_key : nullptr;
  const Enrolled* e = chain.enrolled(kid);
  if (e == nullptr || e->kind != EnrolmentKind::kOperator) return nullptr;
  for (const auto& supervisor : judge.members) {
    if (supervisor.has(Role::kSupervising) && supervisor.organisation == e->organisation)
      return &e->key;
  }
  return nullptr;
}

}  // namespace

Result<Signed<Delegation>> check_delegation(const PublicChain& chain, ByteView object,
                                            const Membership& judge, std::uint64_t term,
                                            const KeyId& to) {
  LM_ASSIGN(auto d, open<Delegation>(object, chain.chain_id()));
  const PublicKey* key = may_delegate(chain, judge, d.kid);
  if (key == nullptr) return fail(Errc::kBlockSigner, "its signer may not delegate");
  if (!d.verified_by(*key)) return Errc::kCoseSignature;
  LM_TRY(not_revoked(chain, d.kid, judge));
  if (d.body.term != term || d.body.to != to)
    return fail(Errc::kBlockTerm, "the delegation is for another term or member");
  return d;
}

Status check_term_body(const PublicChain& chain, const Signed<Block>& block,
                       const Membership& judge) {
  const Block& b = block.body;
  if (std::holds_alternative<std::monostate>(b.body)) return {};
  LM_ASSIGN(auto d,
            check_delegation(chain, std::get<ObjectBytes>(b.body).bytes, judge, b.term, block.kid));
  if (d.body.from > b.number)
    return fail(Errc::kBlockTerm, "the delegation begins at a later block");
  return {};
}

}  // namespace lotmark::chain
