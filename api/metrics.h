// Counts and times of requests, for Prometheus.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace lotmark::api {

class Metrics {
 public:
  // `route` is a template ("/v1/verify"), never what a caller sent. Any thread.
  void count(std::string_view route, int status, std::chrono::nanoseconds took);
  // Text format 0.0.4.
  std::string text() const;

 private:
  static constexpr std::array<double, 10> kBounds_s = {0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                       0.005,  0.01,    0.025,  0.1,   1.0};
  struct Route {
    std::map<int, std::uint64_t> by_status;
    std::array<std::uint64_t, kBounds_s.size() + 1> buckets{};
    double sum_s = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace lotmark::api
