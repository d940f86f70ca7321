// How often a client may call: a token bucket each, in bounded memory.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"

namespace lotmark::api::access {

struct RateLimits {
  double per_second = 10;           // in the long run; 0.001 to 1,000,000
  double burst = 50;                // at once after a rest; 1 to 1,000,000
  std::size_t clients_max = 65536;  // remembered; 1 to 1,000,000, about 200 bytes each
};

// Safe to share between threads. Time is handed in, and is a monotonic one: what goes backwards counts as standing still.
class RateLimiter {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Answer {
    bool allowed = false;
    // Where it is not: at least 1, for Retry-After (RFC 9110 section 10.2.3).
    std::chrono::seconds retry_after{0};
  };

  // config: a number out of its range.
  static Result<RateLimiter> make(const RateLimits& limits);

  // Takes one call, or `cost` of them, of the client's bucket, if it has so many. A client never met has a full bucket; above clients_max the one
  // that called longest ago is forgotten, so that many addresses cannot take the memory. An id counts by its first 600
  // bytes.
  Answer ask(std::string_view client, Instant now, double cost = 1);

  // Gives back what was taken by ask and not used, to a client that is still remembered.
  void give_back(std::string_view client, Instant now, double cost);

  // What ask would answer. Takes nothing, and remembers nobody.
  Answer peek(std::string_view client, Instant now, double cost = 1) const;

  // Clients remembered.
  std::size_t size() const;

 private:
  struct Bucket {
    std::string client;
    double level = 0;
    Instant filled;
  };
  struct State {
    RateLimits limits;
    mutable std::mutex mutex;
    std::list<Bucket> buckets;  // newest first
    // Views into buckets.
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_client;
  };
  static double level_at(const State& state, const Bucket& bucket, Instant now);
  static Answer answer_of(const State& state, double level, double cost);
  explicit RateLimiter(const RateLimits& limits);
  std::unique_ptr<State> state_;
};

}  // namespace lotmark::api::access
