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

#include "edge-agent/alarm/actions.h"

namespace lotmark::agent {

namespace {

constexpr int kKillAfterMs = 1000;

Error system_error(const std::string& doing) {
  return fail(Errc::kIo, doing + ": " + std::strerror(errno));
}

// In the child; only what is safe after a fork.
[[noreturn]] void become(char* const* argv, char* const* environment, int in, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
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

}  // namespace

// The input fits into the pipe (64 KiB), so that a child that never reads it holds up nobody.
Status run_child(const std::vector<std::string>& command,
                 const std::vector<std::pair<std::string, std::string>>& environment,
                 std::string_view input, std::chrono::milliseconds timeout, const StopEvent& stop) {
  const auto argv = pointers(command);
  const auto variables = environment_with(environment);
  const auto envp = pointers(variables);
  int down[2];
  if (::pipe2(down, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("pipe");
  ::fcntl(down[0], F_SETFL, 0);  // the child reads as programs do
  (void)!::write(down[1], input.data(), std::min<std::size_t>(input.size(), 32768));
  ::close(down[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(argv.data(), envp.data(), down[0], parent);
  ::close(down[0]);
  if (child < 0) return system_error("fork");
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  pollfd waits[] = {{pidfd, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
  const int ready = ::poll(waits, 2, static_cast<int>(timeout.count()));
  const bool ended = ready > 0 && (waits[0].revents & POLLIN) != 0;
  const int state = end_child(child, pidfd, !ended);
  ::close(pidfd);
  if (!ended) {
    return ready > 0 ? fail(Errc::kUnavailable, "stopped")
                     : fail(Errc::kIo, command[0] + " took too long and was ended");
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return {};
  return fail(Errc::kIo,
              command[0] + (WIFEXITED(state) ? " ended with " + std::to_string(WEXITSTATUS(state))
                                             : " was ended by a signal"));
}

}  // namespace lotmark::agent
