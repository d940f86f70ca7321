#include "ledger-node/intake/device_logs.h"

#include "core/base/assert.h"

namespace lotmark::node {

void DeviceLogs::load(const Life& life) {
  lives_.push_back(life);
  all_[{life.device, life.life}] = lives_.size();
  if (!life.closed) open_[life.device] = lives_.size();
}

std::optional<LifeNumber> DeviceLogs::open_life(const KeyId& device) const {
  auto at = open_.find(device);
  if (at == open_.end()) return std::nullopt;
  return at->second;
}

bool DeviceLogs::is_closed(const KeyId& device, const LifeId& life) const {
  auto found = all_.find({device, life});
  return found != all_.end() && at(found->second).closed.has_value();
}

void DeviceLogs::remember(LifeNumber n) { before_.try_emplace(n, at(n)); }

LifeNumber DeviceLogs::open(const KeyId& device, const LifeId& life, std::uint64_t at) {
  LM_ASSERT(!all_.contains({device, life}));
  close(device, at);
  load({device, life, 0, std::nullopt, at, std::nullopt});
  before_.try_emplace(lives_.size(), std::nullopt);
  return lives_.size();
}

void DeviceLogs::close(const KeyId& device, std::uint64_t at) {
  const auto old = open_life(device);
  if (!old) return;
  remember(*old);
  lives_[*old - 1].closed = at;
  open_.erase(device);
}

void DeviceLogs::advance(LifeNumber n, std::uint64_t seq, const std::optional<Digest>& id) {
  remember(n);
  lives_[n - 1].seq = seq;
  lives_[n - 1].id = id;
}

std::vector<LifeNumber> DeviceLogs::changed() const {
  std::vector<LifeNumber> out;
  for (const auto& [n, life] : before_) out.push_back(n);
  return out;
}

// Newest first: the lives that were not there are the last ones.
void DeviceLogs::undo() {
  for (auto at = before_.rbegin(); at != before_.rend(); ++at) {
    const auto& [n, life] = *at;
    if (life) {
      lives_[n - 1] = *life;
      if (!life->closed) open_[life->device] = n;
      continue;
    }
    LM_ASSERT(n == lives_.size());
    open_.erase(lives_.back().device);
    all_.erase({lives_.back().device, lives_.back().life});
    lives_.pop_back();
  }
  before_.clear();
}

}  // namespace lotmark::node
