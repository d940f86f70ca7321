#include "edge-agent/channel_owners.h"

#include <algorithm>

namespace lotmark::agent {

void ChannelOwners::set(const std::vector<SourceConfig>& sources) {
  auto owners = std::make_shared<Owners>();
  for (const auto& source : sources) {
    for (const auto& channel : channels_of(source)) owners->emplace(channel, source.name);
  }
  std::lock_guard lock(mutex_);
  owners_ = std::move(owners);
}

void ChannelOwners::know(const std::map<std::string, std::uint64_t, std::less<>>& channels) {
  std::lock_guard lock(mutex_);
  for (const auto& [channel, last] : channels) {
    if (!owners_->contains(channel)) made_up_.insert(channel);
  }
}

bool ChannelOwners::takes(const std::string& channel) const {
  std::lock_guard lock(mutex_);
  if (made_up_.contains(channel)) return true;
  return made_up_.size() < kMadeUpMax && made_up_.insert(channel).second;
}

std::optional<ChannelOwners::Foreign> ChannelOwners::keep_own(
    const std::string& source, std::vector<Reading>& readings) const {
  std::shared_ptr<const Owners> owners;
  {
    std::lock_guard lock(mutex_);
    owners = owners_;
  }
  std::optional<Foreign> first;
  refused_ += std::erase_if(readings, [&](const Reading& r) {
    const auto owner = owners->find(r.channel);
    const bool own = owner == owners->end() ? takes(r.channel) : owner->second == source;
    if (!own && !first)
      first = Foreign{r.channel, owner == owners->end() ? std::string() : owner->second};
    return !own;
  });
  return first;
}

}  // namespace lotmark::agent
