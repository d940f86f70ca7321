// Log lines about what others send come as often as others like. At most one an interval stands in the log, with the number
// of those that were left out before it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace lotmark {

class Seldom {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;
  explicit Seldom(std::chrono::milliseconds interval) : interval_(interval) {}

  // How many were left out since the last line, if it is time for one.
  std::optional<std::uint64_t> due(Monotonic now) {
    if (last_ && now - *last_ < interval_) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  std::chrono::milliseconds interval_;
  std::optional<Monotonic> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace lotmark
