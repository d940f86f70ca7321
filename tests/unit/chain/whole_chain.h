// A chain with all that a node's chain.db can hold: blocks of every kind, what follows from them, votes, a part that was
// taken back, disclosures, and a node's own memory. Always the same but for the signatures.
#pragma once

#include <filesystem>
#include <map>

#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"

namespace lotmark::chain {

class WholeChain {
 public:
  // The genesis and `size` - 1 blocks behind it.
  explicit WholeChain(std::uint64_t size);

  // The chain in a file of its own, or ":memory:", as the third supervisor would have it, who ordered a little.
  PublicChain make(const std::filesystem::path& file) const;

  test::Consortium c{{.agency = true}};
  std::vector<Bytes> blocks;                          // by number; 0: the genesis
  std::map<std::uint64_t, std::vector<Bytes>> votes;  // by size
  struct Told {
    Disclosure disclosure;
    std::vector<Sample> samples;
  };
  std::map<std::uint64_t, Told> disclosures;  // by block

 private:
  void add(test::BlockMaker& maker, Bytes block);
  Bytes lot(test::BlockMaker& maker, std::uint64_t n);
  Bytes period(test::BlockMaker& maker, std::uint64_t n);
  std::vector<Bytes> events(std::uint64_t n);
  Bytes revocation(test::BlockMaker& maker, std::uint64_t n) const;
  Bytes recall(test::BlockMaker& maker, std::uint64_t n) const;
  void remember(PublicChain& chain) const;

  std::vector<Bytes> taken_back_;  // blocks that were there first
  std::vector<Bytes> past_votes_;
  merkle::MemoryTree intake_;
  std::uint64_t logged_ = 0;
  std::optional<Digest> complained_;  // the newest complaint, until it is settled
};

}  // namespace lotmark::chain
