// Hears at once when somebody sets the system's clock (timerfd, TFD_TIMER_CANCEL_ON_SET).
#pragma once

#include <functional>
#include <thread>

namespace lotmark::agent {

class SetWaiter {
 public:
  // `set` is called from a thread of its own, until this is destroyed. Where the kernel offers no such timer it never is:
  // who waits looks from time to time as well.
  explicit SetWaiter(std::function<void()> set);
  ~SetWaiter();
  SetWaiter(const SetWaiter&) = delete;
  SetWaiter& operator=(const SetWaiter&) = delete;

 private:
  void run();

  std::function<void()> set_;
  int timer_ = -1;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace lotmark::agent
