#include "ledger-node/chain/public/archived.h"

#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

Result<std::optional<Bytes>> archived_proof(const PublicChain& chain, const Gtin& gtin,
                                            const LotNumber& lot) {
  LM_ASSIGN(const auto found, find_tombstone(chain, gtin, lot));
  if (!found) return std::optional<Bytes>();
  LM_ASSIGN(const auto cut, cuts(chain, found->cut, 1));
  LM_ASSIGN(const auto tombstones, tombstones_of(chain, found->cut));
  merkle::MemoryTree tree;
  Archived file;
  for (const auto& t : tombstones) {
    const Bytes entry = encode(t);
    if (t == found->tombstone) {
      file.index = tree.size();
      file.tombstone = entry;
    }
    tree.append_entry(entry);
  }
  if (cut.empty() || file.tombstone.empty())
    return fail(Errc::kCorrupt, "a tombstone of lot " + lot.text + " has no cut");
  file.path = tree.inclusion(file.index);
  file.snapshot = cut.front().head;
  LM_ASSIGN(const auto block, chain.block(found->cut));
  LM_ASSIGN(const auto votes, chain.votes_on(found->cut));
  LM_ASSIGN(file.block.bytes, with_votes(block, votes));
  const auto& held = chain.statements().held();
  for (std::size_t e = 1; e < held.size(); ++e) file.statements.push_back(held[e].object);
  return std::optional(encode(file));
}

}  // namespace lotmark::chain
