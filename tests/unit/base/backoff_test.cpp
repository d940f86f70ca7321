#include "core/base/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace lotmark {
namespace {

TEST(Backoff, PausesDoubleUpToTheLimitWithAQuarterOfPlay) {
  Backoff b(Millis{100}, Millis{2000});
  for (const int middle : {100, 200, 400, 800, 1600, 2000, 2000, 2000}) {
    const auto pause = b.failed().count();
    EXPECT_GE(pause, middle * 3 / 4);
    EXPECT_LE(pause, middle * 5 / 4);
  }
  EXPECT_EQ(b.failures(), 8u);
}

TEST(Backoff, BeginsAgainAfterASuccess) {
  Backoff b(Millis{100}, Millis{2000});
  for (int i = 0; i < 5; ++i) b.failed();
  b.succeeded();
  EXPECT_EQ(b.failures(), 0u);
  EXPECT_LE(b.failed().count(), 125);
}

TEST(Backoff, StaysAtTheLimitHoweverOftenItFails) {
  Backoff b(Millis{100}, Millis{2000});
  for (int i = 0; i < 200; ++i) b.failed();
  EXPECT_LE(b.failed().count(), 2500);
}

TEST(Backoff, TwoCallersDoNotComeBackTogether) {
  std::set<Millis> pauses;
  for (int i = 0; i < 32; ++i) pauses.insert(Backoff(Millis{1000}, Millis{1000}).failed());
  EXPECT_GT(pauses.size(), 4u);
}

}  // namespace
}  // namespace lotmark
