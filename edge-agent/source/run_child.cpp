#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "edge-agent/source/run_child.h"

namespace lotmark::agent {

namespace {

constexpr int kKillAfterMs = 1000;
constexpr std::size_t kInputMax = 32 * 1024;  // a pipe takes 64 KiB
constexpr std::size_t kOutputMax = 64 * 1024;

Error system_error(const std::string& doing) {
  return fail(Errc::kIo, doing + ": " + std::strerror(errno));
}

// In the child; only what is safe after a fork.
[[noreturn]] void become(char* const* argv, char* const* environment, int in, int out,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::close_range(3, ~0U, 0);  // Paho's sockets are not close-on-exec
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(argv[0], argv, environment);
  ::_exit(127);
}

// Our environment with `more` over it.
std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::string> out;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view entry = *e;
    const bool replaced = std::ranges::any_of(more, [&](const auto& m) {
      return entry.starts_with(m.first) && entry.substr(m.first.size()).starts_with('=');
    });
    if (!replaced) out.emplace_back(entry);
  }
  for (const auto& [name, value] : more) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& t : texts) out.push_back(const_cast<char*>(t.c_str()));
  out.push_back(nullptr);
  return out;
}

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

// The input fits into the pipe, so that a child that never reads it holds up nobody.
Result<std::string> run_child(const ChildRun& run, const StopEvent& stop) {
  const auto argv = pointers(run.command);
  const auto variables = environment_with(run.environment);
  const auto envp = pointers(variables);
  if (run.input.size() > kInputMax) return fail(Errc::kIo, "the input is above 32 KiB");
  int down[2];
  int up[2];
  if (::pipe2(down, O_CLOEXEC) != 0) return system_error("pipe");
  if (::pipe2(up, O_CLOEXEC) != 0) {
    const Error e = system_error("pipe");
    ::close(down[0]);
    ::close(down[1]);
    return e;
  }
  (void)!::write(down[1], run.input.data(), run.input.size());
  ::close(down[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(argv.data(), envp.data(), down[0], up[1], parent);
  const Error failed = system_error("fork");
  ::close(down[0]);
  ::close(up[1]);
  if (child < 0) {
    ::close(up[0]);
    return failed;
  }
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  std::string said;
  const auto fault = listen(run, up[0], pidfd, stop, said);
  const int state = end_child(child, pidfd, fault.has_value());
  ::close(pidfd);
  ::close(up[0]);
  if (fault) return *fault;
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return said;
  return fail(Errc::kIo, run.command[0] + (WIFEXITED(state)
                                               ? " ended with " + std::to_string(WEXITSTATUS(state))
                                               : " was ended by a signal"));
}

}  // namespace lotmark::agent
