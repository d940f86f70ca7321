#include "edge-agent/operate/service.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace lotmark::agent {

namespace {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string out = value != nullptr ? value : "";
  ::unsetenv(name);
  return out;
}

std::optional<long> number(const std::string& text) {
  long out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out <= 0) return std::nullopt;
  return out;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  ServiceManager out;
  out.socket_ = take_variable("NOTIFY_SOCKET");
  const auto us = number(take_variable("WATCHDOG_USEC"));
  const auto pid = number(take_variable("WATCHDOG_PID"));
  if (us && (!pid || *pid == ::getpid())) out.watchdog_ = std::chrono::microseconds(*us);
  return out;
}

void ServiceManager::ready() { say("READY=1"); }

void ServiceManager::stopping() { say("STOPPING=1"); }

void ServiceManager::alive(std::chrono::steady_clock::time_point now) {
  if (!watchdog_ || now - said_ < *watchdog_ / 4) return;
  said_ = now;
  say("WATCHDOG=1");
}

void ServiceManager::say(std::string_view words) const {
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof a.sun_path) return;
  std::memcpy(a.sun_path, socket_.data(), socket_.size());
  if (a.sun_path[0] == '@') a.sun_path[0] = '\0';  // an abstract name
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)::sendto(fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&a), size);
  ::close(fd);
}

}  // namespace lotmark::agent
