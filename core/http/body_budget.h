// Room for the bodies of requests on their way in and in handlers, one for a whole server: many callers together must
// not take more memory than it was given, each within its own limit.
#pragma once

#include <atomic>
#include <cstddef>

namespace lotmark::http {

// Any thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t max) : max_(max) {}
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  // Whether so many bytes more have room as of now; takes nothing.
  bool has_room(std::size_t bytes) const {
    const std::size_t used = used_.load(std::memory_order_relaxed);
    return bytes <= max_ && used <= max_ - bytes;
  }
  // False, and nothing taken, if there is no room.
  bool take(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > max_ || used > max_ - bytes) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t max_;
  std::atomic<std::size_t> used_{0};
};

// What one body holds of it; given back at the end. `budget` outlives it.
class BodyShare {
 public:
  explicit BodyShare(BodyBudget& budget) : budget_(budget) {}
  ~BodyShare() { release(); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  // False, and nothing changed, if there is no room for the difference.
  bool grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_.take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  void release() {
    budget_.give_back(bytes_);
    bytes_ = 0;
  }

 private:
  BodyBudget& budget_;
  std::size_t bytes_ = 0;
};

}  // namespace lotmark::http
