// Jobs on several threads, their results taken in order on the caller's.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/result.h"

namespace lotmark::chain {

// Runs work(thread, job) for jobs 0 to count - 1 on `threads` threads (1: on the caller's, no other is made), and
// take(job, result) for each in order on the caller's. At most four results a thread wait to be taken. The first error
// of `take` ends it.
template <class R, class Work, class Take>
Status in_order(std::size_t threads, std::uint64_t count, const Work& work, const Take& take) {
  if (threads <= 1 || count <= 1) {
    for (std::uint64_t i = 0; i < count; ++i) {
      R result = work(std::size_t{0}, i);
      LM_TRY(take(i, result));
    }
    return {};
  }
  std::mutex lock;
  std::condition_variable room, ready;
  std::uint64_t next = 0, taken = 0;
  std::map<std::uint64_t, R> results;
  bool stop = false;
  const std::uint64_t window = threads * 4;
  const auto run = [&](std::size_t thread) {
    std::unique_lock guard(lock);
    while (true) {
      room.wait(guard, [&] { return stop || next == count || next < taken + window; });
      if (stop || next == count) return;
      const std::uint64_t job = next++;
      guard.unlock();
      R result = work(thread, job);
      guard.lock();
      results.emplace(job, std::move(result));
      ready.notify_one();
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t t = 0; t < threads; ++t) pool.emplace_back(run, t);
  Status done;
  for (std::uint64_t job = 0; job < count && done; ++job) {
    std::unique_lock guard(lock);
    ready.wait(guard, [&] { return results.contains(job); });
    R result = std::move(results.extract(job).mapped());
    guard.unlock();
    done = take(job, result);
    guard.lock();
    taken = job + 1;
    room.notify_all();
  }
  {
    const std::lock_guard guard(lock);
    stop = true;
  }
  room.notify_all();
  for (auto& t : pool) t.join();
  return done;
}

}  // namespace lotmark::chain
