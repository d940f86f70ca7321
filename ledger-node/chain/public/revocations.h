// Keys that are revoked, as the blocks say (docs/format/public.md, revocation).
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

struct Revoked {
  KeyId kid;
  std::uint64_t from = 0;         // suspected since: the least `from` of all its revocations
  std::uint64_t counts_from = 0;  // the first block in which its signatures are refused
  std::uint64_t block = 0;        // of the newest of its revocations
  RevokedReason reason = RevokedReason::kLost;  // of that one
  std::string text;

  bool as_of(std::uint64_t number) const { return counts_from <= number; }
};

// Nothing: no block revokes the key.
Result<std::optional<Revoked>> revoked(const PublicChain& chain, const KeyId& kid);
// All of them, ascending by kid.
Result<std::vector<Revoked>> all_revoked(const PublicChain& chain);
// key-revoked where the key's signatures do not count in the next block. A supervising member's always do: only a
// statement takes its voice away (docs/adr/0017).
Status not_revoked(const PublicChain& chain, const KeyId& kid, const Membership& judge);

// A revocation by itself: signed by a supervising member, by the key it revokes, or by that key's enroller. Its id is
// one that may be on the chain once.
Status check_revocation_body(const PublicChain& chain, const ObjectBytes& body,
                             const Membership& judge, std::vector<Digest>& once);

// The row of a block of that kind; in the transaction that takes the block.
Status take_revocation(const store::Database& db, const Signed<Block>& block, const Digest& chain);

}  // namespace lotmark::chain
