#include "edge-agent/source/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace lotmark::agent {

namespace {

constexpr std::size_t kInputMax = 32 * 1024;  // a pipe takes 64 KiB

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

}  // namespace

Result<Spawned> spawn(const Spawn& what) {
  const auto argv = pointers(what.command);
  const auto variables = environment_with(what.environment);
  const auto envp = pointers(variables);
  if (what.input.size() > kInputMax) return fail(Errc::kIo, "the input is above 32 KiB");
  int down[2];
  int up[2];
  if (::pipe2(down, O_CLOEXEC) != 0) return system_error("pipe");
  if (::pipe2(up, O_CLOEXEC) != 0) {
    const Error e = system_error("pipe");
    ::close(down[0]);
    ::close(down[1]);
    return e;
  }
  // It fits, so that a child that never reads it holds up nobody.
  if (!what.input.empty()) (void)!::write(down[1], what.input.data(), what.input.size());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(argv.data(), envp.data(), down[0], up[1], parent);
  const Error failed = system_error("fork");
  ::close(down[0]);
  ::close(up[1]);
  if (child > 0) return Spawned{child, down[1], up[0]};
  ::close(down[1]);
  ::close(up[0]);
  return failed;
}

}  // namespace lotmark::agent
