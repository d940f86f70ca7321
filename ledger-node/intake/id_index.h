// Where in a log an id stands, in about 8 bytes an entry: the hashes themselves are in the log's tree.
#pragma once

#include "core/merkle/tree.h"

namespace lotmark::node {

class IdIndex {
 public:
  // `tree` is the log's own: its leaves are hashes of ids. It must outlive the index.
  explicit IdIndex(const merkle::MemoryTree& tree) : tree_(&tree), slots_(kSlotsMin, kFree) {}

  // The index of that leaf; nothing if the log does not hold it.
  std::optional<std::uint64_t> find(const Digest& leaf) const;
  // Takes in the tree's leaves that came since the last call. No leaf may stand in the tree twice.
  void grow();
  // Forgets leaves from `size` on, which must still be in the tree.
  void shrink(std::uint64_t size);

 private:
  static constexpr std::size_t kSlotsMin = 1024;  // powers of two
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};

  const Digest& leaf(std::uint64_t index) const { return tree_->leaf(index); }
  // The slot of that leaf, or the free one where it belongs.
  std::size_t slot_of(const Digest& leaf) const;
  void rebuild(std::size_t slots);

  const merkle::MemoryTree* tree_;
  std::vector<std::uint32_t> slots_;
  std::uint64_t size_ = 0;
};

}  // namespace lotmark::node
