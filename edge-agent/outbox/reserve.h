// Room on the disk that is given up for what frees room: an ack or a gap must reach the outbox though the disk is full, or a
// full disk would stay full. One thread.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace lotmark::agent {

class Reserve {
 public:
  // As large as what the outbox's log can hold before it is written back.
  static constexpr std::int64_t kBytes = 2 << 20;
  static constexpr std::int64_t kLeast = 128 << 10;  // less would hold no ack
  explicit Reserve(std::filesystem::path file) : file_(std::move(file)) {}

  // Takes the room if it is not taken, or half of it, and so on where the disk has no more. disk-full: not even the least.
  Status take();
  // Gives it up. False if there was none.
  bool give();

 private:
  std::filesystem::path file_;
  bool taken_ = false;
};

}  // namespace lotmark::agent
