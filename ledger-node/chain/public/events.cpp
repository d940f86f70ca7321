#include "ledger-node/chain/public/events.h"

#include "ledger-node/chain/public/complaints.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/chain/public/usages.h"

namespace lotmark::chain {

namespace {

struct Type {
  std::string_view name;
  Result<CheckedEvent> (*check)(const EventScope& scope, ByteView object);
  Status (*take)(const PublicChain& chain, const Membership& judge, ByteView object,
                 std::uint64_t block);
};

constexpr Type kTypes[] = {
    {SignedName<Complaint>::value, check_complaint, take_complaint},
    {SignedName<Ruling>::value, check_ruling, take_ruling},
    {SignedName<Usage>::value, check_usage, take_usage},
};

const Type* type_of(ByteView object) {
  const auto label = peek(object);
  for (const auto& t : kTypes) {
    if (label && label->type == t.name) return &t;
  }
  return nullptr;
}

bool is_transaction(ByteView object) {
  const auto label = peek(object);
  return label && label->type == SignedName<Transaction>::value;
}

bool is_enrolment(ByteView object) {
  const auto label = peek(object);
  return label && label->type == SignedName<Enrolment>::value;
}

}  // namespace

Result<CheckedEvent> check_event(const EventScope& scope, ByteView object) {
  const Type* type = type_of(object);
  if (type == nullptr) return fail(Errc::kEnumUnknown, "no kind of event");
  LM_ASSIGN(auto checked, type->check(scope, object));
  LM_TRY(not_revoked(scope.chain, checked.kid, scope.judge));
  return checked;
}

Status take_event(const PublicChain& chain, const Membership& judge, ByteView object,
                  std::uint64_t block) {
  const Type* type = type_of(object);
  return type != nullptr ? type->take(chain, judge, object, block) : Status(Errc::kEnumUnknown);
}

const PublicKey* event_key(const PublicChain& chain, const Membership& judge, const KeyId& kid,
                           std::string* organisation) {
  std::string unused;
  std::string& out = organisation != nullptr ? *organisation : unused;
  if (const Member* m = judge.find(kid)) {
    out = m->organisation;
    return &m->public_key;
  }
  const Enrolled* e = chain.enrolled(kid);
  if (e == nullptr || e->kind != EnrolmentKind::kOperator) return nullptr;
  out = e->organisation;
  return &e->key;
}

// A start signal's device may be enrolled by who relies on it: a reviewing member. A name belongs to the key enrolled
// under it last; another one takes it over by naming that key.
Status check_enrolment(const PublicChain& chain, const Signed<Enrolment>& e,
                       const Membership& judge) {
  const Enrolment& x = e.body;
  const Member* m = judge.find(e.kid);
  if (m == nullptr) return fail(Errc::kCoseKid, "its signer is no member");
  const bool starts = x.kind == EnrolmentKind::kStart && m->has(Role::kReviewing);
  if (m->organisation != x.organisation && !starts)
    return fail(Errc::kCoseKid, "a member enrols for its own organisation");
  if (!e.verified_by(m->public_key)) return Errc::kCoseSignature;
  LM_TRY(not_revoked(chain, e.kid, judge));
  const KeyId kid = key_id(x.public_key);
  if (chain.enrolled(kid) != nullptr || judge.find(kid) != nullptr)
    return fail(Errc::kListDuplicate, "that key is enrolled already");
  const Enrolled* holder = chain.enrolled_name(x.organisation, x.name);
  if (!x.predecessor) {
    if (holder == nullptr) return {};
    return fail(Errc::kListDuplicate, x.organisation + " has a " + x.name +
                                          ": name its key as predecessor to replace it");
  }
  if (holder == nullptr || holder->kid != *x.predecessor || holder->kind != x.kind)
    return fail(Errc::kDeviceUnknown, "the predecessor is not the key that has that name");
  return {};
}

Result<Signed<Transaction>> check_period_transaction(const PublicChain& chain, ByteView object,
                                                     const Membership& judge) {
  LM_ASSIGN(auto t, open<Transaction>(object, chain.chain_id()));
  LM_TRY(proof::signed_by_member(t, judge, Role::kKeeping, Errc::kTransactionSigner));
  LM_TRY(not_revoked(chain, t.kid, judge));
  return t;
}

Status check_submission(const PublicChain& chain, ByteView object) {
  const Membership& judge = chain.statements().newest();
  if (const auto kind = kind_of_submission(object)) {
    OnceIds once;
    return check_object_body(chain, *kind, {to_bytes(object)}, judge, once);
  }
  if (is_enrolment(object)) {
    LM_ASSIGN(auto e, open<Enrolment>(object, chain.chain_id()));
    return check_enrolment(chain, e, judge);
  }
  if (is_transaction(object)) {
    const auto t = check_period_transaction(chain, object, judge);
    return t ? Status() : Status(t.error());
  }
  if (type_of(object) == nullptr) return Errc::kCoseType;
  std::set<Digest> said;
  const auto checked = check_event({chain, judge, said}, object);
  return checked ? Status() : Status(checked.error());
}

std::optional<std::string_view> door_of(ByteView object) {
  const auto kind = kind_of_submission(object);
  if (kind == BlockKind::kRevocation) return "revocations";
  if (kind == BlockKind::kRecall) return "recalls";
  if (kind) return "releases";
  if (is_enrolment(object)) return "enrolments";
  if (is_transaction(object)) return "transactions";
  if (type_of(object) != nullptr) return "events";
  return std::nullopt;
}

}  // namespace lotmark::chain
