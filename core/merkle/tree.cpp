#include "core/merkle/tree.h"

#include <bit>

#include "core/crypto/sha256.h"

namespace lotmark::merkle {

namespace {

constexpr std::uint8_t kLeaf = 0x00;
constexpr std::uint8_t kNode = 0x01;

// Root of leaves [lo, hi), lo a multiple of the power of two at or above hi - lo.
Digest range_root(const NodeSource& nodes, std::uint64_t lo, std::uint64_t hi) {
  const std::uint64_t n = hi - lo;
  if (std::has_single_bit(n)) {
    const auto level = static_cast<unsigned>(std::countr_zero(n));
    return nodes.node(level, lo >> level);
  }
  const std::uint64_t k = split(n);
  return node_hash(range_root(nodes, lo, lo + k), range_root(nodes, lo + k, hi));
}

// SUBPROOF of RFC 9162 section 2.1.4.1 over leaves [lo, hi) for the first m of them.
void subproof(const NodeSource& nodes, std::uint64_t m, std::uint64_t lo, std::uint64_t hi,
              bool whole, Path& out) {
  const std::uint64_t n = hi - lo;
  if (m == n) {
    if (!whole) out.push_back(range_root(nodes, lo, hi));
    return;
  }
  const std::uint64_t k = split(n);
  if (m <= k) {
    subproof(nodes, m, lo, lo + k, whole, out);
    out.push_back(range_root(nodes, lo + k, hi));
  } else {
    subproof(nodes, m - k, lo + k, hi, false, out);
    out.push_back(range_root(nodes, lo, lo + k));
  }
}

}  // namespace

Digest empty_root() { return sha256(ByteView{}); }

Digest leaf_hash(ByteView entry) {
  std::array<std::uint8_t, 118> in;  // what the short hash takes
  if (entry.size() >= in.size()) return sha256({ByteView{&kLeaf, 1}, entry});
  in[0] = kLeaf;
  std::copy(entry.begin(), entry.end(), in.begin() + 1);
  return sha256(ByteView(in).first(entry.size() + 1));
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<std::uint8_t, 65> in;
  in[0] = kNode;
  std::copy(left.bytes.begin(), left.bytes.end(), in.begin() + 1);
  std::copy(right.bytes.begin(), right.bytes.end(), in.begin() + 33);
  return sha256(in);
}

Digest root(const NodeSource& nodes, std::uint64_t size) {
  return size == 0 ? empty_root() : range_root(nodes, 0, size);
}

Path inclusion_path(const NodeSource& nodes, std::uint64_t index, std::uint64_t size) {
  LM_ASSERT(index < size);
  Path path;
  std::uint64_t lo = 0;
  std::uint64_t hi = size;
  while (hi - lo > 1) {
    const std::uint64_t k = split(hi - lo);
    if (index < lo + k) {
      path.push_back(range_root(nodes, lo + k, hi));
      hi = lo + k;
    } else {
      path.push_back(range_root(nodes, lo, lo + k));
      lo += k;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Path consistency_path(const NodeSource& nodes, std::uint64_t from, std::uint64_t to) {
  LM_ASSERT(from <= to);
  Path path;
  if (from != 0 && from != to) subproof(nodes, from, 0, to, true, path);
  return path;
}

Result<Digest> fold_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                              const Path& path) {
  if (path.size() > kPathMax) return Errc::kPathLength;
  if (index >= size) return fail(Errc::kTreePath, "index beyond the tree");
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Digest r = leaf;
  for (const auto& p : path) {
    if (sn == 0) return fail(Errc::kTreePath, "path too long");
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return fail(Errc::kTreePath, "path too short");
  return r;
}

Status verify_consistency(std::uint64_t from, const Digest& from_root, std::uint64_t to,
                          const Digest& to_root, const Path& path) {
  if (path.size() > kPathMax) return Errc::kPathLength;
  if (from == 0 || from > to) return fail(Errc::kTreePath, "sizes do not grow");
  if (from == to) {
    if (!path.empty() || from_root != to_root) return fail(Errc::kTreePath, "equal sizes differ");
    return {};
  }
  auto p = path.begin();
  Digest fr = from_root;
  if (!std::has_single_bit(from)) {
    if (p == path.end()) return fail(Errc::kTreePath, "path too short");
    fr = *p++;
  }
  Digest sr = fr;
  std::uint64_t fn = from - 1;
  std::uint64_t sn = to - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  for (; p != path.end(); ++p) {
    if (sn == 0) return fail(Errc::kTreePath, "path too long");
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(*p, fr);
      sr = node_hash(*p, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = node_hash(sr, *p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0 || fr != from_root || sr != to_root) {
    return fail(Errc::kTreePath, "the older tree is no prefix of the newer");
  }
  return {};
}

void MemoryTree::append(const Digest& leaf) {
  Digest h = leaf;
  for (std::size_t level = 0;; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    levels_[level].push_back(h);
    const auto n = levels_[level].size();
    if (n % 2 != 0) return;
    h = node_hash(levels_[level][n - 2], levels_[level][n - 1]);
  }
}

void MemoryTree::truncate(std::uint64_t size) {
  for (auto& level : levels_) {
    if (level.size() > size) level.resize(size);
    size /= 2;
  }
}

void CompactRange::append(const Digest& leaf) {
  nodes_.push_back(leaf);
  for (std::uint64_t n = size_; (n & 1) != 0; n >>= 1) {
    const Digest right = nodes_.back();
    nodes_.pop_back();
    nodes_.back() = node_hash(nodes_.back(), right);
  }
  ++size_;
}

Digest CompactRange::root() const {
  if (nodes_.empty()) return empty_root();
  Digest r = nodes_.back();
  for (std::size_t i = nodes_.size() - 1; i-- > 0;) r = node_hash(nodes_[i], r);
  return r;
}

std::optional<CompactRange> CompactRange::from(std::uint64_t size, std::vector<Digest> nodes) {
  if (static_cast<std::size_t>(std::popcount(size)) != nodes.size()) return std::nullopt;
  CompactRange c;
  c.size_ = size;
  c.nodes_ = std::move(nodes);
  return c;
}

}  // namespace lotmark::merkle
