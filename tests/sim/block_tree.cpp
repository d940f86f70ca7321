#include "tests/sim/block_tree.h"

#include <algorithm>

namespace lotmark::sim {

BlockTree::BlockTree(const Digest& genesis) : chain_(genesis) {
  line_.append_entry(genesis.view());
  line_places_ = {0};
  TreeBlock b;
  b.id = genesis;
  b.root = line_.root();
  blocks_.push_back(std::move(b));
  places_[genesis] = 0;
  numbers_.emplace(0, 0);
}

void BlockTree::stand_on(std::size_t place) {
  std::vector<std::size_t> above;
  while (true) {
    const std::uint64_t n = blocks_[place].number;
    if (n < line_places_.size() && line_places_[n] == place) break;
    above.push_back(place);
    place = blocks_[place].parent;
  }
  line_.truncate(blocks_[place].number + 1);
  line_places_.resize(blocks_[place].number + 1);
  for (auto it = above.rbegin(); it != above.rend(); ++it) {
    line_.append_entry(blocks_[*it].id.view());
    line_places_.push_back(*it);
  }
}

Result<std::size_t> BlockTree::add(ByteView bytes) {
  LM_ASSIGN(auto block, open<Block>(bytes, chain_));
  if (const auto known = find(block.id)) return *known;
  const auto parent = find(block.body.prev.value_or(Digest{}));
  if (!parent || blocks_[*parent].number + 1 != block.body.number) {
    return fail(Errc::kNotFound, "a block whose parent nobody has");
  }
  TreeBlock b;
  b.id = block.id;
  b.parent = *parent;
  b.number = block.body.number;
  b.term = block.body.term;
  b.signer = block.kid;
  b.time = block.body.time;
  if (block.body.kind == BlockKind::kLot) {
    LM_ASSIGN(auto release, open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain_));
    LM_ASSIGN(auto a, open<Application>(release.body.application.bytes, chain_));
    b.application = a.id;
    b.gtin = a.body.gtin;
    b.lot = a.body.lot;
    b.programme = a.body.programme;
    b.expires = a.body.expires;
  }
  stand_on(*parent);
  line_.append_entry(b.id.view());
  b.root = line_.root();
  const std::size_t place = blocks_.size();
  line_places_.push_back(place);
  places_[b.id] = place;
  numbers_.emplace(b.number, place);
  blocks_.push_back(std::move(b));
  return place;
}

std::optional<std::size_t> BlockTree::find(const Digest& id) const {
  const auto it = places_.find(id);
  return it == places_.end() ? std::nullopt : std::optional(it->second);
}

std::vector<std::size_t> BlockTree::numbered(std::uint64_t number) const {
  std::vector<std::size_t> all;
  const auto [from, to] = numbers_.equal_range(number);
  for (auto it = from; it != to; ++it) all.push_back(it->second);
  return all;
}

bool BlockTree::leads_to(std::size_t a, std::size_t b) const {
  while (blocks_[b].number > blocks_[a].number) b = blocks_[b].parent;
  return a == b;
}

}  // namespace lotmark::sim
