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

std::optional<merkle::MemoryTree> Branches::tree(const chain::PublicChain& chain, const Branch& b) {
  const auto base = chain.id_of(b.from - 1);
  if (!base || *base != b.base) return std::nullopt;
  auto tree = chain.tree_of(b.from);
  if (!tree) return std::nullopt;
  for (const auto& id : b.ids) tree->append_entry(id.view());
  return *std::move(tree);
}

}  // namespace lotmark::node
