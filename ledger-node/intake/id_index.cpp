#include "ledger-node/intake/id_index.h"

namespace lotmark::node {

std::size_t IdIndex::slot_of(const Digest& wanted) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t s = std::hash<Digest>()(wanted) & mask;
  while (slots_[s] != kFree && leaf(slots_[s]) != wanted) s = (s + 1) & mask;
  return s;
}

std::optional<std::uint64_t> IdIndex::find(const Digest& wanted) const {
  const std::uint32_t at = slots_[slot_of(wanted)];
  if (at == kFree) return std::nullopt;
  return at;
}

void IdIndex::rebuild(std::size_t slots) {
  slots_.assign(slots, kFree);
  for (std::uint64_t i = 0; i < size_; ++i)
    slots_[slot_of(leaf(i))] = static_cast<std::uint32_t>(i);
}

void IdIndex::grow() {
  LM_ASSERT(tree_->size() < kFree);
  std::size_t slots = slots_.size();
  while (slots < 2 * tree_->size()) slots *= 2;
  if (slots != slots_.size()) rebuild(slots);
  for (; size_ < tree_->size(); ++size_) {
    slots_[slot_of(leaf(size_))] = static_cast<std::uint32_t>(size_);
  }
}

// From the newest back: with linear probing each slot given back is the last of its run, so none is lost.
void IdIndex::shrink(std::uint64_t size) {
  while (size_ > size) {
    --size_;
    slots_[slot_of(leaf(size_))] = kFree;
  }
}

}  // namespace lotmark::node
