#include "api/metrics.h"

#include <fmt/format.h>

namespace lotmark::api {

void Metrics::count(std::string_view route, int status, std::chrono::nanoseconds took) {
  const double s = std::chrono::duration<double>(took).count();
  std::size_t bucket = 0;
  while (bucket < kBounds_s.size() && s > kBounds_s[bucket]) ++bucket;
  std::lock_guard lock(mutex_);
  auto it = routes_.find(route);
  if (it == routes_.end()) it = routes_.emplace(std::string(route), Route{}).first;
  ++it->second.by_status[status];
  ++it->second.buckets[bucket];
  it->second.sum_s += s;
}

std::string Metrics::text() const {
  std::lock_guard lock(mutex_);
  std::string out =
      "# HELP lotmark_api_requests_total Requests answered.\n# TYPE lotmark_api_requests_total "
      "counter\n";
  for (const auto& [name, r] : routes_) {
    for (const auto& [status, n] : r.by_status) {
      out += fmt::format("lotmark_api_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", name,
                         status, n);
    }
  }
  out +=
      "# HELP lotmark_api_request_seconds Time in the handler.\n"
      "# TYPE lotmark_api_request_seconds histogram\n";
  for (const auto& [name, r] : routes_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBounds_s.size(); ++i) {
      below += r.buckets[i];
      const std::string bound = i < kBounds_s.size() ? fmt::format("{}", kBounds_s[i]) : "+Inf";
      out += fmt::format("lotmark_api_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", name,
                         bound, below);
    }
    out += fmt::format("lotmark_api_request_seconds_sum{{route=\"{}\"}} {}\n", name, r.sum_s);
    out += fmt::format("lotmark_api_request_seconds_count{{route=\"{}\"}} {}\n", name, below);
  }
  return out;
}

}  // namespace lotmark::api
