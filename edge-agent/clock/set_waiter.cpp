#include "edge-agent/clock/set_waiter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>

namespace lotmark::agent {

SetWaiter::SetWaiter(std::function<void()> set) : set_(std::move(set)) {
  timer_ = ::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  if (timer_ >= 0 && stop_ >= 0) thread_ = std::thread([this] { run(); });
}

SetWaiter::~SetWaiter() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    while (::write(stop_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  for (int fd : {timer_, stop_}) {
    if (fd >= 0) ::close(fd);
  }
}

void SetWaiter::run() {
  itimerspec never{};
  never.it_value.tv_sec =
      std::numeric_limits<std::int32_t>::max();  // the year 2038 comes: armed again then
  for (;;) {
    if (::timerfd_settime(timer_, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) !=
        0)
      return;
    pollfd fds[] = {{timer_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    if (fds[0].revents == 0) continue;
    std::uint64_t expired = 0;
    if (::read(timer_, &expired, sizeof expired) < 0 && errno == ECANCELED) {
      set_();
    } else {
      never.it_value.tv_sec += std::int64_t{365} * 86400;
    }
  }
}

}  // namespace lotmark::agent
