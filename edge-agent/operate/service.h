// What the service manager is told: sd_notify(3)'s datagrams, written by hand, since a library for five words is not worth
// its memory here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::agent {

class ServiceManager {
 public:
  // By NOTIFY_SOCKET and WATCHDOG_USEC, which children do not inherit; without them every call does nothing.
  static ServiceManager from_environment();

  void ready();
  void stopping();
  // From the working thread, once a turn: its commits and sends are over. At most every quarter of the watchdog's time.
  void alive(std::chrono::steady_clock::time_point now);

 private:
  void say(std::string_view words) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
  std::chrono::steady_clock::time_point said_{};
};

}  // namespace lotmark::agent
