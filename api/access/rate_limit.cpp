#include "api/access/rate_limit.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace lotmark::api::access {

namespace {

constexpr std::size_t kClientIdMax = 600;

bool within(double value, double min, double max) { return value >= min && value <= max; }

}  // namespace

Result<RateLimiter> RateLimiter::make(const RateLimits& limits) {
  if (!within(limits.per_second, 0.001, 1e6))
    return fail(Errc::kConfig, "calls a second are a number from 0.001 to 1000000");
  if (!within(limits.burst, 1, 1e6))
    return fail(Errc::kConfig, "calls at once are a number from 1 to 1000000");
  if (limits.clients_max < 1 || limits.clients_max > 1'000'000)
    return fail(Errc::kConfig, "clients remembered are a number from 1 to 1000000");
  return RateLimiter(limits);
}

RateLimiter::RateLimiter(const RateLimits& limits) : state_(std::make_unique<State>()) {
  state_->limits = limits;
}

RateLimiter::Answer RateLimiter::ask(std::string_view client, Instant now, double cost) {
  client = client.substr(0, kClientIdMax);
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (const auto known = s.by_client.find(client); known != s.by_client.end()) {
    s.buckets.splice(s.buckets.begin(), s.buckets, known->second);
  } else {
    if (s.buckets.size() >= s.limits.clients_max) {
      s.by_client.erase(s.buckets.back().client);
      s.buckets.pop_back();
    }
    s.buckets.push_front({std::string(client), s.limits.burst, now});
    s.by_client.emplace(s.buckets.front().client, s.buckets.begin());
  }
  Bucket& b = s.buckets.front();
  b.level = level_at(s, b, now);
  b.filled = std::max(b.filled, now);
  const Answer answer = answer_of(s, b.level, cost);
  if (answer.allowed) b.level -= cost;
  return answer;
}

void RateLimiter::give_back(std::string_view client, Instant now, double cost) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  const auto known = s.by_client.find(client.substr(0, kClientIdMax));
  if (known == s.by_client.end()) return;
  Bucket& b = *known->second;
  b.level = std::min(s.limits.burst, level_at(s, b, now) + cost);
  b.filled = std::max(b.filled, now);
}

RateLimiter::Answer RateLimiter::peek(std::string_view client, Instant now, double cost) const {
  const State& s = *state_;
  const std::lock_guard lock(s.mutex);
  const auto known = s.by_client.find(client.substr(0, kClientIdMax));
  if (known == s.by_client.end()) return answer_of(s, s.limits.burst, cost);
  return answer_of(s, level_at(s, *known->second, now), cost);
}

double RateLimiter::level_at(const State& s, const Bucket& b, Instant now) {
  if (now <= b.filled) return b.level;
  const std::chrono::duration<double> rest = now - b.filled;
  return std::min(s.limits.burst, b.level + rest.count() * s.limits.per_second);
}

RateLimiter::Answer RateLimiter::answer_of(const State& s, double level, double cost) {
  if (level >= cost) return {true, {}};
  const double wait = std::ceil((cost - level) / s.limits.per_second);
  return {false, std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(wait)))};
}

std::size_t RateLimiter::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->buckets.size();
}

}  // namespace lotmark::api::access
