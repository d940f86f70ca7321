#include "edge-agent/source/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "core/base/assert.h"
#include "edge-agent/source/spawn.h"

namespace lotmark::agent {

namespace {

constexpr int kWriteTimeoutMs = 100;
constexpr int kLookAfterMs = 500;

// A child of its own may hold its pipe for ever. It stays to be waited for.
bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

Result<int> connect_unix(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) return fail(Errc::kConfig, text + " is too long");
  std::copy(text.begin(), text.end(), address.sun_path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("socket");
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const Error e = system_error("connect " + text);
  ::close(fd);
  return e;
}

}  // namespace

StopEvent::StopEvent() : fd_(::eventfd(0, EFD_CLOEXEC)) { LM_ASSERT(fd_ >= 0); }
StopEvent::~StopEvent() { ::close(fd_); }
void StopEvent::set() {
  const std::uint64_t one = 1;
  (void)!::write(fd_, &one, sizeof one);
}
bool StopEvent::pause_ms(int ms) const {
  using Steady = std::chrono::steady_clock;
  const auto until = Steady::now() + std::chrono::milliseconds(ms);
  for (;;) {
    pollfd p{fd_, POLLIN, 0};
    const int ready = ::poll(&p, 1, ms);
    if (ready >= 0) return ready == 0;
    LM_ASSERT(errno == EINTR);  // a signal is no stop
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
    ms = static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }
}

Result<Line> Line::spawn(const std::vector<std::string>& command) {
  LM_ASSIGN(const auto spawned, lotmark::agent::spawn({command}));
  return Line(spawned.out, spawned.in, spawned.child);
}

Result<Line> Line::open(const std::filesystem::path& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return system_error(path.string());
  if (S_ISSOCK(st.st_mode)) {
    LM_ASSIGN(const int fd, connect_unix(path));
    return Line(fd, fd, -1);
  }
  const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return system_error(path.string());
  termios t{};
  if (::isatty(fd) != 0 && ::tcgetattr(fd, &t) == 0) {
    ::cfmakeraw(&t);
    ::cfsetspeed(&t, B115200);
    ::tcsetattr(fd, TCSANOW, &t);
  }
  return Line(fd, fd, -1);
}

Line::Line(Line&& o) noexcept
    : in_(std::exchange(o.in_, -1)),
      out_(std::exchange(o.out_, -1)),
      child_(std::exchange(o.child_, -1)) {}

Line::~Line() {
  if (out_ >= 0 && out_ != in_) ::close(out_);
  if (in_ >= 0) ::close(in_);
  if (child_ <= 0) return;
  ::kill(child_, SIGTERM);
  for (int i = 0; i < 100; ++i) {
    if (::waitpid(child_, nullptr, WNOHANG) != 0) return;
    ::usleep(10000);
  }
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

Result<std::size_t> Line::read(std::uint8_t* out, std::size_t size, const StopEvent& stop) {
  for (;;) {
    pollfd p[2] = {{in_, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    if (::poll(p, 2, child_ > 0 ? kLookAfterMs : -1) < 0 && errno != EINTR)
      return system_error("poll");
    if (p[1].revents != 0) return fail(Errc::kUnavailable, "stopped");
    if (p[0].revents == 0) {
      if (child_ > 0 && has_ended(child_)) return std::size_t{0};
      continue;
    }
    const ssize_t got = ::read(in_, out, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EIO) return std::size_t{0};  // the other end of a pseudo terminal is gone
    if (errno != EINTR && errno != EAGAIN) return system_error("read");
  }
}

bool Line::has_more(Millis within) const {
  pollfd p{in_, POLLIN, 0};
  return ::poll(&p, 1, static_cast<int>(within.count())) > 0;
}

Status Line::write(ByteView bytes) {
  while (!bytes.empty()) {
    pollfd p{out_, POLLOUT, 0};
    const int ready = ::poll(&p, 1, kWriteTimeoutMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return fail(Errc::kUnavailable, "the line takes nothing");
    const ssize_t put = ::write(out_, bytes.data(), std::min<std::size_t>(bytes.size(), 512));
    if (put > 0) bytes = bytes.subspan(static_cast<std::size_t>(put));
    else if (errno != EINTR && errno != EAGAIN) return system_error("write");
  }
  return {};
}

}  // namespace lotmark::agent
