// Bundles that a node would not take, each beside the signed ack that says why: LIFE-SEQ.bundle and LIFE-SEQ.ack. Bounded;
// the oldest go. One thread.
#pragma once

#include <filesystem>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::agent {

class Rejected {
 public:
  static constexpr std::size_t kMost = 64;  // bundles
  explicit Rejected(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // On disk when it returns; again it is the same. io or disk-full: nothing counts as kept.
  Status keep(const LifeId& life, std::uint64_t seq, ByteView wire, ByteView ack);
  std::uint64_t kept() const { return kept_; }
  std::uint64_t dropped() const { return dropped_; }  // for room, since the start
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void make_room();

  std::filesystem::path folder_;
  std::uint64_t kept_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace lotmark::agent
