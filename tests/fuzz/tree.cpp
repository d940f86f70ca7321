// Paths in RFC 9162 trees: only the prover's own path folds to the root (docs/format/trees.md). The input is a
// small tree's size, then a leaf, its index, and a path of nodes picked out of that very tree.
#include "core/merkle/tree.h"

#include "tests/fuzz/target.h"

namespace lotmark::merkle {
namespace {

constexpr std::uint64_t kLeaves = 40;

const MemoryTree& tree() {
  static const MemoryTree t = [] {
    MemoryTree made;
    for (std::uint8_t i = 0; i < kLeaves; ++i) made.append_entry({&i, 1});
    return made;
  }();
  return t;
}

// Any complete subtree of the whole: everything a cheat could quote.
Digest pick(ByteView& in) {
  const unsigned level = fuzz::take_byte(in) % 6;
  return tree().node(level, fuzz::take_byte(in) % (kLeaves >> level));
}

void fuzz_tree(ByteView in) {
  const bool consistency = fuzz::take_byte(in) % 2 == 1;
  const std::uint64_t size = fuzz::take_byte(in) % (kLeaves + 1);
  const std::uint64_t at = fuzz::take_byte(in) % (kLeaves + 1);
  const Digest start = pick(in);
  Path path;
  while (in.size() >= 2 && path.size() < 70) path.push_back(pick(in));
  if (consistency) {
    if (!verify_consistency(at, tree().root_at(at), size, tree().root_at(size), path)) return;
    LM_ASSERT(at > 0 && at <= size && path == consistency_path(tree(), at, size));
  } else {
    const auto root = fold_inclusion(start, at, size, path);
    if (!root || *root != tree().root_at(size)) return;
    LM_ASSERT(at < size && start == tree().leaf(at) && path == inclusion_path(tree(), at, size));
  }
}

}  // namespace
LM_FUZZ_TARGET(tree, fuzz_tree);
}  // namespace lotmark::merkle
