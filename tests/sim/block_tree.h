// Every block anybody ever held or sent, as a tree over the genesis: forks stay visible.
#pragma once

#include <map>
#include <optional>

#include "core/merkle/tree.h"
#include "core/wire/sign1.h"

namespace lotmark::sim {

struct TreeBlock {
  Digest id;
  std::size_t parent = 0;  // place in the tree; the genesis is its own
  std::uint64_t number = 0;
  std::uint64_t term = 0;
  KeyId signer;
  Digest root;             // of all blocks up to this one
  std::uint64_t time = 0;  // ms UTC
  // Of a lot block.
  std::optional<Digest> application;
  Gtin gtin;
  LotNumber lot;
  std::string programme;
  Expiry expires;
};

class BlockTree {
 public:
  explicit BlockTree(const Digest& genesis);

  // Place of the block, new or known. Errors of the formats; not-found if its parent is not here.
  Result<std::size_t> add(ByteView block);
  const TreeBlock& at(std::size_t place) const { return blocks_[place]; }
  std::size_t size() const { return blocks_.size(); }
  std::optional<std::size_t> find(const Digest& id) const;
  // All with that number.
  std::vector<std::size_t> numbered(std::uint64_t number) const;
  // `a` is `b` or stands below it.
  bool leads_to(std::size_t a, std::size_t b) const;

 private:
  // The tree of ids up to `place`.
  void stand_on(std::size_t place);

  Digest chain_;
  std::vector<TreeBlock> blocks_;
  std::map<Digest, std::size_t> places_;
  std::multimap<std::uint64_t, std::size_t> numbers_;
  merkle::MemoryTree line_;  // of the branch that grew last
  std::vector<std::size_t> line_places_;
};

}  // namespace lotmark::sim
