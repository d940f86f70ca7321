// Whose a channel is. A source whose input names its channels itself, such as SenML without columns, may not speak for one
// that the configuration gives to another: it would be signed as that sensor's, and end its alarms.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "edge-agent/source/kinds.h"

namespace lotmark::agent {

class ChannelOwners {
 public:
  void set(const std::vector<SourceConfig>& sources);
  // Takes out what is another's; the first of them, if any, and whose its channel is. From any thread.
  struct Foreign {
    std::string channel;
    std::string owner;
  };
  std::optional<Foreign> keep_own(const std::string& source, std::vector<Reading>& readings) const;
  std::uint64_t refused() const { return refused_; }

 private:
  using Owners = std::map<std::string, std::string, std::less<>>;  // source by channel
  mutable std::mutex mutex_;
  std::shared_ptr<const Owners> owners_ = std::make_shared<Owners>();
  mutable std::atomic<std::uint64_t> refused_ = 0;  // readings
};

}  // namespace lotmark::agent
