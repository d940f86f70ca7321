// Asks probes on a thread of its own, so that one that never comes back (a kernel that waits for a chip) holds up nobody:
// its thread is left to it, and the next is asked on another.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "edge-agent/source/poll/probe.h"

namespace lotmark::agent {

// The agent's clock for who may come back after the agent went.
class LentClock final : public Clock {
 public:
  explicit LentClock(const Clock& clock) : clock_(&clock) {}
  Time now() const override {
    std::lock_guard lock(mutex_);
    return clock_ != nullptr ? clock_->now() : Time{};
  }
  void take_back() {
    std::lock_guard lock(mutex_);
    clock_ = nullptr;
  }

 private:
  mutable std::mutex mutex_;
  const Clock* clock_;
};

class Asker {
 public:
  using Call = std::function<Status()>;
  // What came of a call. Until over() it belongs to the thread that makes it.
  class Answer {
   public:
    bool over() const { return done_.load(std::memory_order_acquire); }
    const Status& status() const { return status_; }

   private:
    friend class Asker;
    Call call_;
    Status status_;
    std::atomic<bool> done_ = false;
    StopEvent over_;  // wakes who waits for it
  };

  Asker() = default;
  ~Asker();
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  // Comes back once the call is over, after `patience`, or two seconds after `stop` was set. What the call uses must live
  // as long as it does: it is let go of with the call.
  std::shared_ptr<const Answer> ask(Call call, Millis patience, const StopEvent& stop);

 private:
  struct Worker;
  std::shared_ptr<Worker> idle_;
  std::thread thread_;  // of `idle_`
};

}  // namespace lotmark::agent
