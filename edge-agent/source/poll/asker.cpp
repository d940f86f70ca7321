#include "edge-agent/source/poll/asker.h"

#include <poll.h>

#include <cerrno>
#include <condition_variable>

namespace lotmark::agent {

namespace {

constexpr Millis kLeave{2000};

// False: not within `limit`, nor within kLeave of `stop`.
bool await(const StopEvent& over, const StopEvent& stop, Millis limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now());
    pollfd p[2] = {{over.fd(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int ready = ::poll(p, 2, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (p[0].revents != 0) return true;
    if (p[1].revents != 0) return !over.pause_ms(static_cast<int>(kLeave.count()));
    return false;
  }
}

}  // namespace

struct Asker::Worker {
  std::mutex mutex;
  std::condition_variable wake;
  std::shared_ptr<Answer> next;
  bool last = false;  // no other call comes

  void run() {
    for (;;) {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return next || last; });
      if (!next) return;
      const auto answer = std::exchange(next, nullptr);
      lock.unlock();
      answer->status_ = answer->call_();
      answer->call_ = nullptr;
      answer->done_.store(true, std::memory_order_release);
      answer->over_.set();
    }
  }
  void give(std::shared_ptr<Answer> answer, bool is_last) {
    std::lock_guard lock(mutex);
    if (answer) next = std::move(answer);
    last = is_last;
    wake.notify_one();
  }
};

Asker::~Asker() {
  if (!idle_) return;
  idle_->give(nullptr, true);
  thread_.join();
}

std::shared_ptr<const Asker::Answer> Asker::ask(Call call, Millis patience, const StopEvent& stop) {
  if (!idle_) {
    idle_ = std::make_shared<Worker>();
    thread_ = std::thread([worker = idle_] { worker->run(); });
  }
  auto answer = std::make_shared<Answer>();
  answer->call_ = std::move(call);
  idle_->give(answer, false);
  if (await(answer->over_, stop, patience)) return answer;
  idle_->give(nullptr, true);
  thread_.detach();
  idle_.reset();
  return answer;
}

}  // namespace lotmark::agent
