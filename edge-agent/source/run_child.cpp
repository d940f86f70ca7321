#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "edge-agent/source/run_child.h"
#include "edge-agent/source/spawn.h"

namespace lotmark::agent {

namespace {

constexpr int kKillAfterMs = 1000;
constexpr std::size_t kOutputMax = 64 * 1024;

// Its end, by exit or by our hand; a child that ignores SIGTERM is killed.
int end_child(pid_t child, int pidfd, bool kill) {
  if (kill) {
    ::kill(child, SIGTERM);
    pollfd p{pidfd, POLLIN, 0};
    if (::poll(&p, 1, kKillAfterMs) == 0) ::kill(child, SIGKILL);
  }
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) continue;
  return state;
}

// Reads until the child closes its output and ends. Nothing: it ended by itself.
std::optional<Error> listen(const ChildRun& run, int out, int pidfd, const StopEvent& stop,
                            std::string& said) {
  const auto until = std::chrono::steady_clock::now() + run.timeout;
  bool open = true;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd waits[] = {{stop.fd(), POLLIN, 0}, {pidfd, POLLIN, 0}, {open ? out : -1, POLLIN, 0}};
    const int ready = ::poll(waits, 3, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return fail(Errc::kIo, run.command[0] + " took too long and was ended");
    if (waits[0].revents != 0) return fail(Errc::kUnavailable, "stopped");
    if (waits[2].revents != 0) {
      char buffer[4096];
      const auto n = ::read(out, buffer, sizeof buffer);
      if (n <= 0) open = false;
      if (n > 0) said.append(buffer, static_cast<std::size_t>(n));
      if (said.size() > kOutputMax)
        return fail(Errc::kIo, run.command[0] + " said more than 64 KiB and was ended");
    } else if (waits[1].revents != 0) {
      return std::nullopt;
    }
  }
}

}  // namespace

Result<std::string> run_child(const ChildRun& run, const StopEvent& stop) {
  LM_ASSIGN(const auto spawned, spawn({run.command, run.environment, run.input}));
  const pid_t child = spawned.child;
  ::close(spawned.in);
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  std::string said;
  const auto fault = listen(run, spawned.out, pidfd, stop, said);
  const int state = end_child(child, pidfd, fault.has_value());
  ::close(pidfd);
  ::close(spawned.out);
  if (fault) return *fault;
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return said;
  return fail(Errc::kIo, run.command[0] + (WIFEXITED(state)
                                               ? " ended with " + std::to_string(WEXITSTATUS(state))
                                               : " was ended by a signal"));
}

}  // namespace lotmark::agent
