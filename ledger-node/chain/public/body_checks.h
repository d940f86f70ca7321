// What may stand in a block's body, by kind, under the statement of the block's epoch.
#pragma once

#include "core/proof/lot_objects.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

// The ids that may be on the chain once (applications, heads, enrolments) which a checked body brings.
using OnceIds = std::vector<Digest>;

// proof::signed_by_member, in words for who is told no.
template <class T>
Status signed_in_role(const Signed<T>& object, const Membership& judge, Role role) {
  Status s = proof::signed_by_member(object, judge, role, Errc::kCoseKid);
  if (s.code() != Errc::kCoseKid) return s;
  return fail(Errc::kCoseKid, "its signer is no member with the role " + std::string(name(role)));
}

// Lot: release and application by the same checks as in a receipt; supersedes names an older lot block of
// the same GTIN and lot.
Status check_lot_body(const PublicChain& chain, const ObjectBytes& body, const Membership& judge,
                      OnceIds& once);
Status check_refusal_body(const PublicChain& chain, const ObjectBytes& body,
                          const Membership& judge, OnceIds& once);
Status check_period_body(const PublicChain& chain, const PeriodBody& body, const Membership& judge,
                         OnceIds& once);
// The body of a kind that holds one submitted object: lot, refusal, revocation, recall. block-kind for another.
Status check_object_body(const PublicChain& chain, BlockKind kind, const ObjectBytes& body,
                         const Membership& judge, OnceIds& once);
// Which of those kinds an object is submitted for, by the type it names; nothing for another type.
std::optional<BlockKind> kind_of_submission(ByteView object);
// Term: no delegation, or one that names this block's term and signer and is signed by a supervising member or an
// operator of a supervising member's organisation.
Status check_term_body(const PublicChain& chain, const Signed<Block>& block,
                       const Membership& judge);
// A delegation by itself: who may sign it, its signature, and that it is for this term and member.
Result<Signed<Delegation>> check_delegation(const PublicChain& chain, ByteView object,
                                            const Membership& judge, std::uint64_t term,
                                            const KeyId& to);

}  // namespace lotmark::chain
