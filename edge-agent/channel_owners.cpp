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
    const bool foreign = owner != owners->end() && owner->second != source;
    if (foreign && !first) first = Foreign{owner->first, owner->second};
    return foreign;
  });
  return first;
}

}  // namespace lotmark::agent
