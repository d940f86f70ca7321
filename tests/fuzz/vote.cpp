// Votes between nodes and in receipts, and the way from one to the other.
#include "core/wire/vote.h"

#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

void put_in_receipt(const Vote& vote) {
  const InclusionProof proof{vote.claims.size, 0, {vote.id(Digest{})}};
  const auto carried = read_vote(with_proof(vote, proof), fuzz::contract_chain(), true);
  LM_ASSERT(carried && carried->kid == vote.kid && carried->claims == vote.claims);
  LM_ASSERT(carried->proof == encode(proof));
  LM_ASSERT(carried->id(Digest{}) == vote.id(Digest{}));
}

void fuzz_vote(ByteView in) {
  const auto bare = read_vote(in, fuzz::contract_chain(), false);
  const auto carried = read_vote(in, fuzz::contract_chain(), true);
  LM_ASSERT(!(bare && carried));
  if (bare) put_in_receipt(*bare);
  // A block on its way into a receipt: whatever comes out holds the votes that were put in.
  const Bytes vote{0xd2, 0x80};
  if (open<Block>(in, fuzz::contract_chain())) {
    const auto with = with_votes(in, {vote});
    LM_ASSERT(with);
    const auto block = open_receipt_block(*with, fuzz::contract_chain());
    LM_ASSERT(block && block->votes == std::vector<Bytes>{vote});
  }
}

}  // namespace
LM_FUZZ_TARGET(vote, fuzz_vote);
}  // namespace lotmark
