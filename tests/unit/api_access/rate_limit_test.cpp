// Token buckets: how many, how soon again, and how much is remembered.
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "api/access/rate_limit.h"

namespace lotmark::api::access::test {
namespace {

using namespace std::chrono_literals;

constexpr RateLimiter::Instant kStart{1000h};

RateLimiter limiter(double per_second, double burst, std::size_t clients = 100) {
  auto made = RateLimiter::make({per_second, burst, clients});
  EXPECT_TRUE(made);
  return *std::move(made);
}

// How many of `n` calls at once are allowed.
int allowed(RateLimiter& l, std::string_view client, RateLimiter::Instant now, int n) {
  int count = 0;
  for (int i = 0; i < n; ++i) count += l.ask(client, now).allowed ? 1 : 0;
  return count;
}

TEST(RateLimiterTest, AllowsABurstAndThenTheRate) {
  auto l = limiter(2, 5);
  EXPECT_EQ(allowed(l, "a", kStart, 20), 5);
  EXPECT_EQ(allowed(l, "a", kStart + 499ms, 20), 0);
  EXPECT_EQ(allowed(l, "a", kStart + 500ms, 20), 1);
  EXPECT_EQ(allowed(l, "a", kStart + 1500ms, 20), 2);
  EXPECT_EQ(allowed(l, "a", kStart + 1000h, 20), 5) << "a rest gives a burst and not more";
}

TEST(RateLimiterTest, OneCallMayCostMany) {
  auto l = limiter(2, 10);
  EXPECT_TRUE(l.ask("a", kStart, 7.5).allowed);
  const auto refused = l.ask("a", kStart, 8);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 3s) << "5.5 are missing, at 2 a second";
  EXPECT_TRUE(l.ask("a", kStart, 2.5).allowed) << "what was refused took nothing";
  EXPECT_TRUE(l.ask("a", kStart + 3s, 6).allowed);
}

TEST(RateLimiterTest, SaysWhenToComeAgain) {
  auto l = limiter(0.1, 1);
  EXPECT_EQ(l.ask("a", kStart).retry_after, 0s);
  const auto no = l.ask("a", kStart);
  EXPECT_FALSE(no.allowed);
  EXPECT_EQ(no.retry_after, 10s);
  EXPECT_EQ(l.ask("a", kStart + 7500ms).retry_after, 3s);
  EXPECT_TRUE(l.ask("a", kStart + 10001ms).allowed);
  auto fast = limiter(1000, 1);
  (void)fast.ask("a", kStart);
  EXPECT_EQ(fast.ask("a", kStart).retry_after, 1s) << "never 0: that would say at once";
}

TEST(RateLimiterTest, LookingTakesNothing) {
  auto l = limiter(0.1, 1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(l.peek("a", kStart).allowed);
  EXPECT_EQ(l.size(), 0u);
  EXPECT_TRUE(l.ask("a", kStart).allowed);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(l.peek("a", kStart + 2s).retry_after, 8s);
  EXPECT_TRUE(l.peek("a", kStart + 10s).allowed);
  EXPECT_TRUE(l.ask("a", kStart + 10s).allowed);
}

TEST(RateLimiterTest, ClientsDoNotTakeFromEachOther) {
  auto l = limiter(1, 3);
  EXPECT_EQ(allowed(l, "a", kStart, 9), 3);
  EXPECT_EQ(allowed(l, "b", kStart, 9), 3);
  EXPECT_EQ(allowed(l, "", kStart, 9), 3);
  EXPECT_EQ(allowed(l, "a", kStart, 9), 0);
}

TEST(RateLimiterTest, RemembersSoManyAndForgetsWhoWasAwayLongest) {
  auto l = limiter(0.001, 1, 3);
  for (const char* c : {"a", "b", "c"}) EXPECT_TRUE(l.ask(c, kStart).allowed);
  EXPECT_FALSE(l.ask("a", kStart).allowed);  // now b was away longest
  EXPECT_TRUE(l.ask("d", kStart).allowed);
  EXPECT_EQ(l.size(), 3u);
  EXPECT_FALSE(l.ask("a", kStart).allowed);
  EXPECT_FALSE(l.ask("c", kStart).allowed);
  EXPECT_FALSE(l.ask("d", kStart).allowed);
  EXPECT_TRUE(l.ask("b", kStart).allowed) << "b was forgotten";
  EXPECT_EQ(l.size(), 3u);
}

TEST(RateLimiterTest, AFloodOfClientsTakesNoMoreMemory) {
  auto l = limiter(1, 1, 64);
  for (int i = 0; i < 20'000; ++i) (void)l.ask("client " + std::to_string(i), kStart);
  EXPECT_EQ(l.size(), 64u);
}

TEST(RateLimiterTest, HugeIdsCountByTheirBeginning) {
  auto l = limiter(1, 1, 64);
  EXPECT_TRUE(l.ask(std::string(1'000'000, 'x') + "a", kStart).allowed);
  EXPECT_FALSE(l.ask(std::string(1'000'000, 'x') + "b", kStart).allowed);
  EXPECT_EQ(l.size(), 1u);
}

TEST(RateLimiterTest, TimeThatGoesBackGivesNothing) {
  auto l = limiter(1, 1);
  EXPECT_TRUE(l.ask("a", kStart).allowed);
  EXPECT_FALSE(l.ask("a", kStart - 100h).allowed);
  EXPECT_FALSE(l.ask("a", kStart + 999ms).allowed);
  EXPECT_TRUE(l.ask("a", kStart + 1s).allowed);
}

TEST(RateLimiterTest, ThreadsTogetherGetWhatOneWould) {
  auto l = limiter(0.001, 1000, 8);
  std::atomic<int> count = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        if (l.ask("shared", kStart).allowed) ++count;
        (void)l.ask("own " + std::to_string(t % 4), kStart);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(count, 1000);
  EXPECT_EQ(l.size(), 5u);
}

TEST(RateLimiterTest, ThreadsAtTheBoundDoNotHarmEachOther) {
  auto l = limiter(1, 1, 16);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5000; ++i)
        (void)l.ask(std::to_string(t) + " " + std::to_string(i), kStart);
    });
  }
  threads.clear();
  EXPECT_EQ(l.size(), 16u);
}

TEST(RateLimiterTest, NumbersOutOfRangeAreRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, 2e6, nan, inf}) {
    EXPECT_EQ(RateLimiter::make({bad, 10, 10}).code(), Errc::kConfig) << bad;
    EXPECT_EQ(RateLimiter::make({10, bad, 10}).code(), Errc::kConfig) << bad;
  }
  EXPECT_EQ(RateLimiter::make({1, 1, 0}).code(), Errc::kConfig);
  EXPECT_EQ(RateLimiter::make({1, 1, 1'000'001}).code(), Errc::kConfig);
  EXPECT_TRUE(RateLimiter::make({}));
}

}  // namespace
}  // namespace lotmark::api::access::test
