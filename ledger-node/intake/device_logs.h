// Where each device's log stands: its lives, the open one and its position. Memory of the table `life`; a
// group of changes is kept or undone as one.
#pragma once

#include <map>
#include <unordered_map>

#include "core/base/bytes.h"

namespace lotmark::node {

using LifeNumber = std::size_t;  // life.n: 1, 2, ... in the order in which lives opened

class DeviceLogs {
 public:
  struct Life {
    KeyId device;
    LifeId life;
    std::uint64_t seq = 0;     // the position
    std::optional<Digest> id;  // of the object there, if known
    std::uint64_t opened = 0;  // ms UTC
    std::optional<std::uint64_t> closed;
  };

  // While loading: lives in the order of their numbers.
  void load(const Life& life);

  std::size_t size() const { return lives_.size(); }
  const Life& at(LifeNumber n) const { return lives_[n - 1]; }
  std::optional<LifeNumber> open_life(const KeyId& device) const;
  bool is_closed(const KeyId& device, const LifeId& life) const;

  // Opens a life at position 0 and closes the device's open one. The life must be new.
  LifeNumber open(const KeyId& device, const LifeId& life, std::uint64_t at);
  // Closes the device's open life, if it has one.
  void close(const KeyId& device, std::uint64_t at);
  void advance(LifeNumber n, std::uint64_t seq, const std::optional<Digest>& id);

  // The lives changed since the last keep() or undo(), each once.
  std::vector<LifeNumber> changed() const;
  void keep() { before_.clear(); }
  void undo();

 private:
  void remember(LifeNumber n);
  std::vector<Life> lives_;
  std::unordered_map<KeyId, LifeNumber> open_;
  std::map<std::pair<KeyId, LifeId>, LifeNumber> all_;
  // As they were before the group; nothing: not there.
  std::map<LifeNumber, std::optional<Life>> before_;
};

}  // namespace lotmark::node
