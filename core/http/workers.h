// A bounded pool of threads for handlers. What does not fit the queue is refused at once, not
// delayed.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lotmark::http {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t queue_max);
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False if the queue is full or the pool is stopped; then the task is never run. Tasks must not
  // throw.
  bool submit(std::function<void()> task);
  // Waits for tasks that run; those still queued are dropped. Any thread but a worker may call it.
  void stop();

 private:
  void run();
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopped_ = false;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace lotmark::http
