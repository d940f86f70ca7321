// Whose a channel is. A source whose input names its channels itself, such as SenML without columns, may not speak for one
// that the configuration gives to another: it would be signed as that sensor's, and end its alarms.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "edge-agent/source/kinds.h"

namespace lotmark::agent {

class ChannelOwners {
 public:
  // Names of no configuration are taken up to this many in a life: each is kept, in memory and on disk.
  static constexpr std::size_t kMadeUpMax = 4096;
  void set(const std::vector<SourceConfig>& sources);
  // Names that were sealed before.
  void know(const std::map<std::string, std::uint64_t, std::less<>>& channels);
  // Takes out what is another's, or one name too many; the first of them, if any, and whose its channel is. From any
  // thread.
  struct Foreign {
    std::string channel;
    std::string owner;  // empty: nobody's, and there are too many
  };
  std::optional<Foreign> keep_own(const std::string& source, std::vector<Reading>& readings) const;
  std::uint64_t refused() const { return refused_; }

 private:
  bool takes(const std::string& channel) const;
  using Owners = std::map<std::string, std::string, std::less<>>;  // source by channel
  mutable std::mutex mutex_;
  std::shared_ptr<const Owners> owners_ = std::make_shared<Owners>();
  mutable std::set<std::string, std::less<>> made_up_;  // under the mutex
  mutable std::atomic<std::uint64_t> refused_ = 0;      // readings
};

}  // namespace lotmark::agent
