// What every measurement needs: a clock, and a process of its own, so that what one keeps in memory does not count for
// the next.
#pragma once

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "core/base/result.h"

namespace lotmark::bench {

// Of a clock that does not go back.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Calls `work`, which gives a Status, in a child process and waits for it.
template <class Work>
Status in_process(const Work& work) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::kIo, "no process could be started");
  if (child == 0) {
    const Status done = work();
    if (!done) fmt::print(stderr, "{}\n", done.error().message());
    std::fflush(stdout);
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? Status() : fail(Errc::kInternal, "a measurement failed");
}

}  // namespace lotmark::bench
