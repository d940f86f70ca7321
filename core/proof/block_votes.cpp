#include "core/proof/block_votes.h"

#include "core/merkle/tree.h"
#include "core/proof/lot_objects.h"
#include "core/wire/vote.h"

namespace lotmark::proof {

namespace {

// What all votes on a block must share, and the kid of the one before.
struct First {
  VoteClaims claims;
  Bytes proof;
  KeyId kid;
};

// Conditions 5 to 7: the vote's place among statements and blocks.
Result<const Membership*> judge_of(const VoteClaims& c, const Block& b, const Statements& held) {
  const Membership* e = held.of_epoch(c.epoch);
  const auto next = held.first_of(c.epoch + 1);
  if (e == nullptr || e->first >= c.size || (next && c.size > *next)) return Errc::kVoteEpoch;
  if (c.term < b.term) return Errc::kVoteTerm;
  if (c.seconds < b.time / 1000) return Errc::kVoteTime;
  return e;
}

// Conditions 8 and 9.
Status check_neighbours(const Vote& v, std::optional<First>& first) {
  if (!first) {
    first = First{v.claims, *v.proof, v.kid};
    return {};
  }
  const auto& c = first->claims;
  if (v.claims.epoch != c.epoch || v.claims.term != c.term || v.claims.size != c.size ||
      *v.proof != first->proof) {
    return Errc::kVoteEqual;
  }
  if (v.kid == first->kid) return Errc::kListDuplicate;
  if (v.kid < first->kid) return Errc::kListOrder;
  first->kid = v.kid;
  return {};
}

Result<const Membership*> check_vote(const Signed<Block>& block, const Vote& v,
                                     const Statements& statements, std::optional<First>& first) {
  LM_ASSIGN(auto p, decode<InclusionProof>(*v.proof));
  if (p.size != v.claims.size) return Errc::kVoteSize;
  if (p.index != block.body.number) return Errc::kVoteIndex;
  LM_ASSIGN(const Membership* e, judge_of(v.claims, block.body, statements));
  LM_TRY(check_neighbours(v, first));
  auto root = merkle::fold_inclusion(merkle::leaf_hash(block.id.view()), p.index, p.size, p.path);
  if (!root) return Errc::kVotePath;
  const Member* m = e->find(v.kid);
  if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kVoteSigner;
  if (!verify_once(m->public_key, v.id(*root), v.signature)) return Errc::kCoseSignature;
  return e;
}

}  // namespace

Result<const Membership*> judge_of_block(const Signed<Block>& block, const Statements& statements) {
  const Block& b = block.body;
  if (b.number < 1) return Errc::kBlockNumber;
  const Membership* judge = statements.of_epoch(b.epoch);
  const auto next = statements.first_of(b.epoch + 1);
  if (judge == nullptr || b.number < judge->first || (next && b.number >= *next))
    return Errc::kBlockEpoch;
  LM_TRY(signed_by_member(block, *judge, Role::kSupervising, Errc::kBlockSigner));
  return judge;
}

Result<const Membership*> check_block_votes(const Signed<Block>& block,
                                            const std::vector<Bytes>& votes,
                                            const Statements& statements) {
  std::optional<First> first;
  const Membership* judge = nullptr;
  for (const auto& bytes : votes) {
    LM_ASSIGN(auto v, read_vote(bytes, statements.chain(), true));
    LM_ASSIGN(judge, check_vote(block, v, statements, first));
  }
  return judge;
}

}  // namespace lotmark::proof
