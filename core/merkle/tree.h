// Merkle trees of RFC 9162 section 2.1 over SHA-256. Byte layouts: docs/format/trees.md.
//
// leaf = H(00 || entry), node = H(01 || left || right), split at the largest power of two below the size;
// an empty tree has H(""). No I/O: where a log keeps its nodes is the caller's business (NodeSource).
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::merkle {

// Largest power of two below n; n >= 2.
constexpr std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

using Path = std::vector<Digest>;

inline constexpr std::size_t kPathMax = 64;

Digest empty_root();
Digest leaf_hash(ByteView entry);
Digest node_hash(const Digest& left, const Digest& right);

// Hashes of complete subtrees: node(level, i) covers leaves [i * 2^level, (i + 1) * 2^level).
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual Digest node(unsigned level, std::uint64_t index) const = 0;
};

// The root of the first `size` leaves.
Digest root(const NodeSource& nodes, std::uint64_t size);
// Path of leaf `index` in the tree of the first `size` leaves, leaf to root. index < size.
Path inclusion_path(const NodeSource& nodes, std::uint64_t index, std::uint64_t size);
// Path from the tree of `from` leaves to that of `to`; empty when from is 0 or equals to. from <= to.
Path consistency_path(const NodeSource& nodes, std::uint64_t from, std::uint64_t to);

// Folds a path to a root (RFC 9162 section 2.1.3.2). tree-path when index or path do not fit the size,
// path-length beyond 64 hashes.
Result<Digest> fold_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                              const Path& path);
// RFC 9162 section 2.1.4.2; size 0 is refused: who starts a log has nothing to be consistent with.
Status verify_consistency(std::uint64_t from, const Digest& from_root, std::uint64_t to,
                          const Digest& to_root, const Path& path);

// Every node in memory: 64 bytes a leaf.
class MemoryTree final : public NodeSource {
 public:
  void append(const Digest& leaf);
  void append_entry(ByteView entry) { append(leaf_hash(entry)); }
  // Forgets all leaves from `size` on.
  void truncate(std::uint64_t size);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  Digest root() const { return merkle::root(*this, size()); }
  Digest root_at(std::uint64_t size) const { return merkle::root(*this, size); }
  Path inclusion(std::uint64_t index) const { return inclusion_path(*this, index, size()); }
  Digest node(unsigned level, std::uint64_t index) const override { return levels_[level][index]; }
  // index < size(); valid until the next append.
  const Digest& leaf(std::uint64_t index) const { return levels_[0][index]; }

 private:
  std::vector<std::vector<Digest>> levels_;
};

// The right edge of a tree only: root and size of a log that grows, in at most 64 hashes.
class CompactRange {
 public:
  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }
  Digest root() const;
  // The complete subtrees from left to right, largest first; with size() all there is to store.
  const std::vector<Digest>& nodes() const { return nodes_; }
  // Nothing if the number of nodes is not the number of ones in `size`.
  static std::optional<CompactRange> from(std::uint64_t size, std::vector<Digest> nodes);

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> nodes_;
};

}  // namespace lotmark::merkle
