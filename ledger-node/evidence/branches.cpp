#include "ledger-node/evidence/branches.h"

namespace lotmark::node {

bool Branches::add(Branch branch) {
  if (branch.from == 0 || branch.ids.empty()) return false;
  if (branch.ids.size() > kIds) branch.ids.resize(kIds);
  for (auto& b : list_) {
    if (b.ids.front() != branch.ids.front()) continue;
    if (b.ids.size() >= branch.ids.size()) return false;
    b.ids = std::move(branch.ids);
    return true;
  }
  if (list_.size() == kMax) list_.erase(list_.begin());
  list_.push_back(std::move(branch));
  return true;
}

std::optional<merkle::MemoryTree> Branches::tree(const merkle::MemoryTree& ours, const Branch& b) {
  if (b.from > ours.size() || ours.leaf(b.from - 1) != merkle::leaf_hash(b.base.view()))
    return std::nullopt;
  merkle::MemoryTree tree = ours;
  tree.truncate(b.from);
  for (const auto& id : b.ids) tree.append_entry(id.view());
  return tree;
}

}  // namespace lotmark::node
