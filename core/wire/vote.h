// A vote is an RFC 9942 receipt over the tree of block ids: its detached payload is that tree's root.
#pragma once

#include "core/merkle/tree.h"
#include "core/wire/sign1.h"

namespace lotmark {

struct Vote {
  KeyId kid;
  VoteClaims claims;
  Bytes protected_header;
  Signature signature;
  std::optional<Bytes> proof;  // cbor of an InclusionProof; in receipts only
  Bytes bytes;

  // The digest that was signed if the root was this one.
  Digest id(const Digest& root) const;
};

// As it travels between nodes (unprotected empty) or stands in a receipt (with its proof).
Result<Vote> read_vote(ByteView object, const Digest& chain, bool in_receipt);
Result<Bytes> make_vote(const VoteClaims& claims, const Digest& root, const Signer& signer,
                        const Digest& chain);
// The vote with a proof in its unprotected map, as a receipt carries it.
Bytes with_proof(const Vote& vote, const InclusionProof& proof);
// A block (unprotected empty) with votes in its unprotected map, as a receipt carries it.
Result<Bytes> with_votes(ByteView block, const std::vector<Bytes>& votes);

}  // namespace lotmark
