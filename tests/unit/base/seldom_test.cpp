#include "core/base/seldom.h"

#include <gtest/gtest.h>

namespace lotmark {
namespace {

using namespace std::chrono_literals;

TEST(SeldomTest, OneLineAnIntervalTellsHowManyWereLeftOut) {
  Seldom told(1s);
  const Seldom::Monotonic start{};
  EXPECT_EQ(told.due(start), 0u);
  EXPECT_EQ(told.due(start + 1ms), std::nullopt);
  EXPECT_EQ(told.due(start + 999ms), std::nullopt);
  EXPECT_EQ(told.due(start + 1s), 2u);
  EXPECT_EQ(told.due(start + 5s), 0u);
}

}  // namespace
}  // namespace lotmark
