// An audit on many threads, one that is killed and goes on, and what it does not go on with.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/audit/many_lots.h"

namespace lotmark::test {
namespace {

constexpr const char* kThief =
    "UPDATE record SET time = time + 1 WHERE n = 3; UPDATE received SET at = at + 1 WHERE idx = 2;"
    "UPDATE intake SET t_to = t_to + 1 WHERE idx = 1";

// Runs it in a process of its own that is killed at the n-th word of progress. False if it came to its end.
bool killed(const chain::AuditOptions& options, int n) {
  const pid_t child = ::fork();
  if (child == 0) {
    int words = 0;
    const auto done = chain::audit(options, [&](std::string_view, std::uint64_t, std::uint64_t) {
      if (++words == n) ::raise(SIGKILL);
      return true;
    });
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST(AuditResume, KilledAtAnyPlaceAndResumedItSaysTheSame) {
  auto& m = ManyLots::get();
  auto options = m.spoilt(kThief);
  const auto expected = chain::to_json(m.audit(options).report);
  ASSERT_FALSE(expected["faults"].empty());
  options.state = m.fresh("audit.state");
  int places = 0;
  for (int n = 1; n < 100; ++n, ++places) {
    options.resume = false;
    m.fresh("audit.state");
    if (!killed(options, n)) break;
    options.resume = true;
    const auto resumed = m.audit(options);
    EXPECT_TRUE(resumed.resumed) << n;
    EXPECT_EQ(chain::to_json(resumed.report), expected) << "killed at word " << n;
  }
  EXPECT_GT(places, 10) << "blocks, both logs and every lot are words of progress";
}

TEST(AuditResume, KilledAgainAndAgainItComesToItsEnd) {
  auto& m = ManyLots::get();
  auto options = m.spoilt(kThief);
  const auto expected = chain::to_json(m.audit(options).report);
  options.state = m.fresh("audit.state");
  options.resume = true;
  int kills = 0;
  while (killed(options, 4)) ASSERT_LT(++kills, 10) << "each run settles at least two lots more";
  EXPECT_GE(kills, 2);
  EXPECT_EQ(chain::to_json(m.audit(options).report), expected);
}

TEST(AuditResume, EndedByItsProgressOnAnyNumberOfThreadsItGoesOn) {
  auto& m = ManyLots::get();
  auto options = m.spoilt(kThief);
  const auto expected = chain::to_json(m.audit(options).report);
  for (const unsigned threads : {1u, 4u}) {
    options.threads = threads;
    options.state = m.fresh("audit.state");
    options.resume = true;
    for (const int n : {1, 4}) {
      int words = 0;
      const auto ended = chain::audit(
          options, [&](std::string_view, std::uint64_t, std::uint64_t) { return ++words < n; });
      EXPECT_EQ(ended.code(), Errc::kNotReady) << n;
      EXPECT_EQ(words, n) << "nothing is told after the end";
    }
    const auto resumed = m.audit(options);
    EXPECT_TRUE(resumed.resumed);
    EXPECT_EQ(chain::to_json(resumed.report), expected) << threads;
  }
}

TEST(AuditResume, WhatWasSettledIsNotReadAgain) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.state = m.fresh("audit.state");
  m.audit(options);
  options.resume = true;
  std::uint64_t words = 0;
  m.audit(options, [&](std::string_view what, std::uint64_t, std::uint64_t) {
    words += what == "batches" ? 1 : 0;
    return true;
  });
  EXPECT_EQ(words, 2u) << "the lot applied for and the lot left open may have changed";
}

TEST(AuditResume, AStateOfAnotherAuditIsRefused) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.state = m.fresh("audit.state");
  m.audit(options);
  options.resume = true;
  options.scope.enterprise = "yunhe";
  const auto other = chain::audit(options);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.code(), Errc::kConflict) << other.error().message();
}

TEST(AuditResume, AChainThatDoesNotHoldWhatWasReadIsRefused) {
  auto& m = ManyLots::get();
  auto options = m.options();
  options.state = m.fresh("audit.state");
  m.audit(options);
  {
    auto db = store::Database::open(options.state);
    ASSERT_TRUE(db &&
                db->exec("UPDATE progress SET state = '00' || substr(state, 3) WHERE file = 0"));
  }
  options.resume = true;
  const auto again = chain::audit(options);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.code(), Errc::kConflict) << again.error().message();
}

TEST(AuditThreads, FourSayWhatOneSays) {
  auto& m = ManyLots::get();
  for (const char* thief : {"", kThief}) {
    auto options = m.spoilt(thief);
    const auto one = chain::to_json(m.audit(options).report);
    options.threads = 4;
    EXPECT_EQ(chain::to_json(m.audit(options).report), one) << thief;
  }
}

}  // namespace
}  // namespace lotmark::test
