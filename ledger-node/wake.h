// A bell for the node's ticker: rung by any thread when there may be something to do before the next tick is due.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/clock.h"

namespace lotmark::node {

class Wake {
 public:
  void ring() {
    {
      const std::lock_guard guard(lock_);
      rung_ = true;
    }
    wake_.notify_one();
  }
  // Until it is rung, `most` at the most; and `least` in any case, so that what comes in bursts is done at once.
  void wait(Millis least, Millis most) {
    std::unique_lock guard(lock_);
    const auto begin = std::chrono::steady_clock::now();
    wake_.wait_until(guard, begin + most, [this] { return rung_; });
    guard.unlock();
    std::this_thread::sleep_until(begin + least);
    guard.lock();
    rung_ = false;
  }

 private:
  std::mutex lock_;
  std::condition_variable wake_;
  bool rung_ = false;
};

}  // namespace lotmark::node
